FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS first
COPY --from=after app.exe /
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS after
COPY app.exe /
FROM first
USER ContainerUser
