FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --exclude=*.dll --exclude=sub bin conf C:/all/
