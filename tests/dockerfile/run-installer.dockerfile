# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app.exe C:\
RUN C:\app.exe /quiet `
    /norestart
