FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ONBUILD COPY . C:/app
ONBUILD RUN build.cmd
