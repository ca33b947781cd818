FROM --platform=linux/amd64 golang:1.22 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 GOOS=windows go build -o /out/app.exe .
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=build /out/app.exe /app.exe
