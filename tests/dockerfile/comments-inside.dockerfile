# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
ENV A=1 `
# between two lines
    B=2 `

    C=3
