# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
COPY conf C:\conf
RUN Expand-Archive C:\conf\a.ini -DestinationPath C:\out
# refused: Expand-Archive takes no file that is not called .zip
