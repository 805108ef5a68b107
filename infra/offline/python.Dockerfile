# A Debian release's Python, where infra/docker/Dockerfile expects the official image.
ARG RELEASE
FROM debian:${RELEASE}-slim
ENV LANG=C.UTF-8
RUN apt-get update \
 && apt-get install -y --no-install-recommends python-is-python3 python3-pip python3-venv \
 && rm -rf /var/lib/apt/lists/*
CMD ["python"]
