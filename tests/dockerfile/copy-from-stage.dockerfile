# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS files
COPY conf C:\conf
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=files C:\conf\ C:\app\conf\
COPY --from=files C:\CONF\SUB\B.INI C:\app\
