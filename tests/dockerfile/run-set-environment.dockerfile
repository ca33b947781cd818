# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
SHELL ["powershell", "-Command"]
RUN [Environment]::SetEnvironmentVariable('APP_HOME', 'C:\app', 'Machine')
