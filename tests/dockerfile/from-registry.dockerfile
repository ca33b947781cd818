ARG REGISTRY=registry.example.com
FROM ${REGISTRY}/base:1.0
COPY app.exe /
