# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
RUN New-Item -ItemType Directory C:\a; # what follows is none `
    New-Item -ItemType Directory C:\b
# built as on Windows: the lines are one, and the remark takes all of it
