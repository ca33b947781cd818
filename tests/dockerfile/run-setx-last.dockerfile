# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN setx PATH "%PATH%;C:\app" /M
