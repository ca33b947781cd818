# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
WORKDIR C:\app
WORKDIR bin
WORKDIR ..\etc/conf
COPY conf\a.ini .
WORKDIR /
