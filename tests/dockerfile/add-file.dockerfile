FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ADD bin/tool.exe C:/tools/
