# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
RUN [Environment]::SetEnvironmentVariable('APP', 'C:\app', [EnvironmentVariableTarget]::Machine)
