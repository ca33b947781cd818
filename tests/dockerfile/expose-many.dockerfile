FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ARG PORT=9182
EXPOSE $PORT 8080-8082/tcp 53/udp
