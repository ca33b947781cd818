# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ENV JAVA_HOME=C:\java
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
RUN setx /M PATH ('{0}\bin;{1}' -f $env:JAVA_HOME, $env:PATH)
