# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
VOLUME C:\data C:\logs
VOLUME ["C:\\more"]
