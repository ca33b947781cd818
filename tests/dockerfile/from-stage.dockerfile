FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS base
ENV A=1
WORKDIR /app
FROM base AS debug
ENV DEBUG=1
FROM base
COPY app.exe .
