# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
RUN powershell -Command "New-Item -ItemType Directory C:\data"
