# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
RUN setx.exe /m APP_HOME C:\app && SETX /m path "%PATH%;C:\app\bin"
