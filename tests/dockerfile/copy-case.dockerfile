FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY BIN/Tool.EXE C:/tools/
