ARG TAG
FROM mcr.microsoft.com/windows/nanoserver:${TAG:-ltsc2022}
ARG KIND
LABEL kind=${KIND:-none} old=${TAG:+set}
