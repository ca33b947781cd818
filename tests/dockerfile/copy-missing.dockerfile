FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
LABEL a=b
COPY no-such-file.exe C:/
