# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["pwsh", "-NoProfile", "-Command"]
RUN New-Item -Path HKLM:\SOFTWARE\Contoso\Pwsh -Force && Set-ItemProperty HKLM:\SOFTWARE\Contoso\Pwsh Level 2
