FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS base
ONBUILD COPY app.exe C:/app/
FROM base
USER ContainerUser
