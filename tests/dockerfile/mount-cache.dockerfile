FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN --mount=type=cache,target=C:/cache tool.exe
