FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY bin/*.[de]?? conf/*.ini C:/all/
