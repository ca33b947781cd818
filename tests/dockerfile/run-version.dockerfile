# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN go version && node --version
