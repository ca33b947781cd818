FROM localhost:1/nobody/has:this AS unused
RUN apt-get install everything
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app.exe /
