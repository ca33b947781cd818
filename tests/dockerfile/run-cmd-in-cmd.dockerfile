# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN cmd /s /c "mkdir "C:\two words" && echo "x"> C:\x.txt"
# built: cmd takes the first and the last quote off and nothing else
