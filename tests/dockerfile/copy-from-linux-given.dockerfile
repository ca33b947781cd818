FROM golang:1.22 AS prebuilt
RUN go build -o /bin/tool.exe .
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=prebuilt /bin/tool.exe /tool.exe
