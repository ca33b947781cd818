# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN setx.exe /m PATH %PATH%;C:\app
