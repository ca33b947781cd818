# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN setx /M PATH "%PATH%;C:\app"
