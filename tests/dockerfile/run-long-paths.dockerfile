# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN powershell -Command "Set-ItemProperty -Path HKLM:\SYSTEM\CurrentControlSet\Control\FileSystem -Name LongPathsEnabled -Value 1"
