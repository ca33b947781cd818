# syntax=docker/dockerfile:1.7
# check=skip=all
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app.exe /
