FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY <<EOF C:/app.ini
a = 1
EOF
