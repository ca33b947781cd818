# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
RUN if exist C:\Windows\System32\kernel32.dll (mkdir C:\full) else (mkdir C:\small)
RUN if not exist C:\app mkdir C:\app && echo made> C:\app\made.txt
RUN if /i "%OS%"=="windows_nt" (setx /M SYSTEMKIND %OS%)
# built: what an if asks for is known
