# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ARG NAME=tool
ENV DIR=C:\tools
COPY bin\${NAME}.exe ${DIR}\${NAME}.exe
