FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ARG KEY
LABEL key="${KEY:?a build argument KEY is needed}"
