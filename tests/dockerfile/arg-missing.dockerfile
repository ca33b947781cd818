ARG NOT_GIVEN
FROM mcr.microsoft.com/windows/nanoserver:${NOT_GIVEN}
COPY app.exe C:/
