# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
ARG SETX=/M
RUN setx %SETX% PATH "C:\app;%PATH%"
