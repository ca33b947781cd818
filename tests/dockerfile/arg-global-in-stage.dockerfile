ARG VERSION=1.2
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ARG VERSION
ENV APP_VERSION=$VERSION
