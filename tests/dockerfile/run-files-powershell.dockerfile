# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
COPY app.exe C:\in\
RUN New-Item -ItemType Directory -Path C:\out | Out-Null; Copy-Item C:\in\app.exe C:\out; Rename-Item C:\out\app.exe tool.exe; Remove-Item -Recurse -Force C:\in
