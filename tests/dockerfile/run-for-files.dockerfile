# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN for %f in (*.txt) do del %f
# refused: which files there are in which order is asked of the folder
