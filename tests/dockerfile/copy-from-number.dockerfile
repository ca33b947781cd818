FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app.exe /one.exe
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=0 /one.exe /two.exe
