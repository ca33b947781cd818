# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN mkdir C:\data && icacls C:\data /grant "Authenticated Users":(OI)(CI)M /T
