# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN reg add HKLM\SOFTWARE\Contoso\New /f && reg delete HKLM\SOFTWARE\Contoso\New /f
