# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN setx /M TOOLS C:\tools && powershell -Command "setx /M BIN $env:TOOLS\bin"
# refused: what setx sets is there for the next line; here $env:TOOLS is empty
