# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN ["cmd", "/S", "/C", "mkdir \"C:\\two words\""]
# refused: a quote of JSON reaches cmd with a backslash before it, and is another path
