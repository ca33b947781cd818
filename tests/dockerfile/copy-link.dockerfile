FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --link app.exe /app.exe
