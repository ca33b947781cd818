# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN mkdir C:\x && echo y| rd /s C:\x
# refused: rd /s asks, and the answer comes through the pipe
