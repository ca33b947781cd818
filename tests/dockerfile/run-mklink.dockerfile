# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN mkdir C:\app-1 && mklink /D C:\app C:\app-1
