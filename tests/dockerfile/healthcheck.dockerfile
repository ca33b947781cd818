FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
HEALTHCHECK --interval=30s --timeout=5s --start-period=1m --retries=3 CMD curl -f http://localhost/ || exit 1
