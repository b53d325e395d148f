# The image of the training worker, apart from the services' because of torch (5 GB):
#   docker build -f launcher/images/worker.Dockerfile distillation-service/worker
# Unlike theirs it fetches its packages while it is built, by hash.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
RUN groupadd --gid 10001 platform \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /scratch --shell /usr/sbin/nologin platform \
 && mkdir /scratch && chown 10001:10001 /scratch
# glibc gives large tensors back to the system and asks for them again at each step: training took twice as long.
RUN apt-get update \
 && apt-get install --no-install-recommends -y libtcmalloc-minimal4t64 \
 && rm -rf /var/lib/apt/lists/* \
 && ln -s /usr/lib/*/libtcmalloc_minimal.so.4 /usr/local/lib/libtcmalloc_minimal.so.4
WORKDIR /worker
COPY requirements.txt requirements-qlora.txt ./
# Apart from what the base image brings: pip can not replace packages that are the system's.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt -r requirements-qlora.txt
COPY ld_worker ld_worker
ENV PATH=/venv/bin:$PATH HOME=/scratch PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LD_PRELOAD=/usr/local/lib/libtcmalloc_minimal.so.4
USER 10001:10001
ENTRYPOINT ["python", "-m", "ld_worker"]
# Last, as they differ from build to build.
ARG VERSION="0.1.0"
ARG REVISION="unknown"
ARG SOURCE="unknown"
ARG CREATED="2026-01-01T00:00:00Z"
LABEL org.opencontainers.image.title="Logic Distillation training worker" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim"
