# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS tools
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ARG WHICH=tools
COPY --from=$WHICH Windows/System32/kernel32.dll C:\
# refused: BuildKit puts no variables into --from
