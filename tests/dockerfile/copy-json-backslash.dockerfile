# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY ["two words.txt", "C:\\Program Files\\App\\"]
