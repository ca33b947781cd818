# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN FOR %f IN (a b) DO mklink %f.lnk %f
