# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN for %d in (logs "data files") do (mkdir "C:\%~d" & echo keep> "C:\%~d\.keep")
# built: a list of words
