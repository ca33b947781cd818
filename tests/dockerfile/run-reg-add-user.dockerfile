# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN reg add HKCU\Software\Contoso /v Level /d 1 /f
