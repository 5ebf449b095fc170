# The images of Prodigon, one target each: gateway, model, worker, frontend, migrate. Each runs as an unprivileged user and
# needs no writable file system except /tmp. docs/operations/deploy.md describes how to run them.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG NGINX_IMAGE=nginx:stable

# Contains only the manifests, so that a change of the code does not install the packages again.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json -delete && find . -type d -empty -delete

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY --from=manifests /app .
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund --loglevel=error
COPY . .
RUN npm run build

# The bundles contain the packages of the services, so no image needs node_modules.
FROM ${NODE_IMAGE} AS service
LABEL org.opencontainers.image.title="Prodigon" \
      org.opencontainers.image.description="A multi-service AI assistant platform" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production DATA_DIR=/tmp/prodigon INTERNAL_HOST=0.0.0.0 ENVIRONMENT=production
WORKDIR /app
COPY package.json ./
COPY config config
COPY infra/container infra/container
USER 1000:1000

FROM service AS gateway
LABEL org.opencontainers.image.title="Prodigon gateway"
ENV HOST=0.0.0.0
# The pages of the documentation, and the code to which they link.
COPY . .
COPY --from=build /app/apps/gateway/dist apps/gateway/dist
# For `keys`.
COPY --from=build /app/apps/cli/dist apps/cli/dist
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=30s CMD ["node", "infra/container/check-health.mjs", "http://127.0.0.1:8000/livez"]
ENTRYPOINT ["node", "--disable-sigusr1", "infra/container/start-service.mjs"]
CMD ["gateway"]

FROM service AS model
LABEL org.opencontainers.image.title="Prodigon model service"
# The pages that the offline tutor searches.
COPY README.md ./
COPY docs docs
COPY workshop workshop
COPY bench/results bench/results
COPY --from=build /app/apps/model/dist apps/model/dist
EXPOSE 8001 8011
HEALTHCHECK --interval=10s --start-period=30s CMD ["node", "infra/container/check-health.mjs", "http://127.0.0.1:8001/livez"]
ENTRYPOINT ["node", "--disable-sigusr1", "--max-semi-space-size=16", "infra/container/start-service.mjs"]
CMD ["model"]

FROM service AS worker
LABEL org.opencontainers.image.title="Prodigon worker"
COPY --from=build /app/apps/worker/dist apps/worker/dist
EXPOSE 8002
HEALTHCHECK --interval=10s --start-period=60s CMD ["node", "infra/container/check-health.mjs", "http://127.0.0.1:8002/livez"]
ENTRYPOINT ["node", "--disable-sigusr1", "--max-semi-space-size=4", "--heap-growing-percent=40", "infra/container/start-service.mjs"]
CMD ["worker"]

FROM service AS migrate
LABEL org.opencontainers.image.title="Prodigon migrations"
COPY --from=build /app/apps/cli/dist apps/cli/dist
ENTRYPOINT ["node", "--disable-sigusr1", "infra/container/start-service.mjs"]
CMD ["migrate"]

FROM ${NGINX_IMAGE} AS frontend
LABEL org.opencontainers.image.title="Prodigon frontend" \
      org.opencontainers.image.licenses="MIT"
COPY infra/nginx/frontend.conf /etc/nginx/nginx.conf
COPY --from=build /app/apps/web/dist /app/web
USER 1000:1000
STOPSIGNAL SIGQUIT
EXPOSE 3000
# The official image of nginx contains curl.
HEALTHCHECK --interval=10s CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:3000/livez"]
ENTRYPOINT ["nginx", "-e", "stderr", "-g", "daemon off;"]
CMD []
