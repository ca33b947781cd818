# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
RUN New-ItemProperty HKLM:\SOFTWARE\Microsoft -Name Limit -Value 1kb
# refused: 1kb is the number 1024 to PowerShell
