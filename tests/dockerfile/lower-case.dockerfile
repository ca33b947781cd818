from mcr.microsoft.com/windows/nanoserver:ltsc2022 as base
copy app.exe /
from base
user ContainerUser
