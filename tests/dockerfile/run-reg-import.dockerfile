# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY conf/app.reg C:\
RUN reg import C:\app.reg && del C:\app.reg
