FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COYP app.exe /
