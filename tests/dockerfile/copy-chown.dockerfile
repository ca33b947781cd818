FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --chown=ContainerUser app.exe C:/
