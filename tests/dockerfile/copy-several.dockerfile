FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app.exe bin/tool.exe C:/tools
