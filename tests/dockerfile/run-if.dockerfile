# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN if not exist C:\app mkdir C:\app
