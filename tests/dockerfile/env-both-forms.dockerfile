# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ENV APP_HOME C:\Program Files\App
ENV chocolateyUseWindowsCompression=false PATH="C:\app;C:\Windows;C:\Windows\System32"
ENV app_home=C:\app
