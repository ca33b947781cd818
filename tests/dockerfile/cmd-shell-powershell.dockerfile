# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["pwsh", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
CMD Get-Process | `
    Out-String
