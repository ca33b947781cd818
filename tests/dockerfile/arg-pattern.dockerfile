FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ARG FULL=v1.22.3
LABEL short=${FULL#v} minor=${FULL%.*} dashed=${FULL//./-}
