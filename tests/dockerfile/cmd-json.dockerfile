FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
CMD ["cmd.exe", "/c", "echo ready"]
