# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN if errorlevel 1 mkdir C:\x
# refused: the status of what is not executed is not known
