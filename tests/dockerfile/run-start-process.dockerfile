# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
SHELL ["powershell", "-Command"]
RUN Start-Process msiexec.exe -Wait -ArgumentList "/i x.msi"
