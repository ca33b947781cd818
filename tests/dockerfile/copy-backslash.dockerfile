# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY conf\sub\b.ini C:\app\conf\
COPY bin\ C:\tools
