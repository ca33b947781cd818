# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN mkdir C:/app/bin
# refused: cmd takes / for the start of a switch, so mkdir fails on Windows
