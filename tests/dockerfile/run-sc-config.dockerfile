# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN sc config diagtrack start=demand
