FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ADD https://example.com/project.git C:/src/
