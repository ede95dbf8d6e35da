# syntax=docker/dockerfile:1
# A worker process. Everything is made by the set-up that also runs on development machines and in CI.
#   docker build -f docker/worker.Dockerfile --target cpu -t gradinit-worker:cpu .
#   docker build -f docker/worker.Dockerfile --target cuda -t gradinit-worker:cuda .
# CUDA 12 comes with TensorFlow's wheels; the host needs the NVIDIA driver and the container toolkit, nothing else.

FROM node:22.21.1-bookworm-slim AS tools
# The binding looks for libtensorflow where it was linked: the same path in every stage.
ENV GRADINIT_CACHE_DIR=/opt/gradinit
WORKDIR /app
COPY scripts/docker/install-build-tools.sh scripts/docker/
RUN sh scripts/docker/install-build-tools.sh
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts

FROM tools AS build-cpu
RUN TENSORFLOW_VARIANT=cpu node scripts/docker/image.mjs worker /state

FROM tools AS build-cuda
RUN TENSORFLOW_VARIANT=gpu node scripts/docker/image.mjs worker /state

FROM node:22.21.1-bookworm-slim AS runtime
ENV NODE_ENV=production STATE_DIR=/state WORKER_HOST=0.0.0.0 WORKER_PORT=8081 GRADINIT_CACHE_DIR=/opt/gradinit
WORKDIR /app
COPY package.json tsconfig.json ./
COPY scripts scripts
COPY data data
COPY src src
COPY workers workers
EXPOSE 8081
# The process that watches over the computing one; a blocked computation is its business, not the container's.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "scripts/docker/health.mjs", "WORKER_PORT", "8081", "/health/live"]
STOPSIGNAL SIGTERM
CMD ["node", "--import", "tsx", "workers/main.ts"]

FROM runtime AS cuda
ENV DEVICES=auto ALLOW_CPU=false NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=build-cuda /opt/gradinit /opt/gradinit
COPY --from=build-cuda /app/node_modules node_modules
COPY --from=build-cuda --chown=node:node /state /state
USER 1000:1000
VOLUME /state

FROM runtime AS cpu
ENV DEVICES=cpu
COPY --from=build-cpu /opt/gradinit /opt/gradinit
COPY --from=build-cpu /app/node_modules node_modules
COPY --from=build-cpu --chown=node:node /state /state
USER 1000:1000
VOLUME /state
