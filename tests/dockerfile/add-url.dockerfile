FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
WORKDIR C:/app
ADD https://example.com/downloads/agent.zip agent.zip
