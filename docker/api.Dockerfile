# syntax=docker/dockerfile:1
# The HTTP API. It never loads TensorFlow, so TensorFlow is not in it.
#   docker build -f docker/api.Dockerfile -t gradinit-api .

FROM node:22.21.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN node scripts/docker/image.mjs api /state
COPY tsconfig.json ./
COPY data data
COPY src src

FROM node:22.21.1-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 STATE_DIR=/state
WORKDIR /app
COPY --from=build /app /app
COPY --from=build --chown=node:node /state /state
USER 1000:1000
VOLUME /state
EXPOSE 8080
# Ready needs Redis and a worker; a container is restarted for its own faults alone.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "scripts/docker/health.mjs", "PORT", "8080", "/health/live"]
STOPSIGNAL SIGTERM
CMD ["node", "--import", "tsx", "src/api/server.ts"]
