# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
RUN reg add HKCU\Software\Example /v A /d 1 /f
