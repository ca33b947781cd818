# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
WORKDIR C:\app
COPY conf C:\app
RUN del /q a.ini && ren sub settings && mkdir C:\logs
