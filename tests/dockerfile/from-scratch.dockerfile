FROM scratch
COPY app.exe /
ENTRYPOINT ["/app.exe"]
