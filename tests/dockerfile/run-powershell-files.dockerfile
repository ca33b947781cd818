# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
SHELL ["powershell", "-Command"]
COPY conf C:\app
RUN New-Item -ItemType Directory -Force -Path C:\data | Out-Null; `
    Copy-Item C:\app\a.ini C:\data; `
    Remove-Item -Force -Recurse C:\app\sub
