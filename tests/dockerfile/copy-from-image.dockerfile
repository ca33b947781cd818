FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=mcr.microsoft.com/windows/servercore:ltsc2022 /Windows/System32/ntdll.dll /Windows/System32/netapi32.dll
