# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY app.exe C:\in\
RUN mkdir C:\out && copy C:\in\app.exe C:\out\ && ren C:\out\app.exe tool.exe && rd /s /q C:\in && echo done> C:\out\state.txt
