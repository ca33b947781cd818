FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY ["two words.txt", "app.exe", "C:/Program Files/App/"]
