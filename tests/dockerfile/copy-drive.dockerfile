FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app.exe C:/app/app.exe
COPY bin/tool.dll c:/Windows/System32/
