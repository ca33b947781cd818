# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN reg.exe ADD "HKLM\SOFTWARE\Contoso" /v Level /t REG_DWORD /d 0x9 /f
