# The value is given on the command line.
ARG BASE
FROM $BASE
COPY app.exe C:/
