FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
MAINTAINER somebody@example.com
LABEL org.example.title="An app" \
      org.example.version=1
