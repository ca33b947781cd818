ARG TAG=ltsc2022
FROM mcr.microsoft.com/windows/nanoserver:${TAG}
COPY app.exe C:/
