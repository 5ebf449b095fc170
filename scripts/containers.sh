#!/bin/sh
# Starts or stops the platform of compose.yaml, with Docker Compose where an engine answers, else with podman-compose.
# Usage: containers.sh run|stop
set -eu
cd "$(dirname "$0")/.."
project=${COMPOSE_PROJECT_NAME:-prodigon}
port=${HTTP_PORT:-80}

if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
  engine=docker
  compose="docker compose -p $project"
elif command -v podman-compose >/dev/null 2>&1 && podman info >/dev/null 2>&1; then
  engine=podman
  compose="podman-compose -p $project"
else
  echo "Prodigon needs Docker with Docker Compose, or podman with podman-compose, and neither answers." >&2
  exit 1
fi

stop() {
  if [ "$engine" = docker ]; then
    $compose down --remove-orphans --timeout 40
    return
  fi
  # podman-compose leaves networks behind, and fails for containers that do not exist.
  containers=$(podman ps --all --quiet --filter "label=io.podman.compose.project=$project")
  [ -z "$containers" ] || podman stop --time 40 $containers >/dev/null
  [ -z "$containers" ] || podman rm --force --volumes $containers >/dev/null
  podman pod rm --force "pod_$project" >/dev/null 2>&1 || true
  podman network rm --force "${project}_default" >/dev/null 2>&1 || true
}

case ${1:-} in
run)
  echo "Starting Prodigon with $compose ..."
  if [ "$engine" = docker ]; then
    $compose up --detach --build
  else
    $compose build
    # podman-compose changes no existing container.
    stop
    $compose up --detach --no-build
  fi
  echo "Waiting until the platform is ready ..."
  tries=0
  until $compose exec -T gateway node infra/container/check-health.mjs http://127.0.0.1:8000/readyz http://nginx/ >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      echo "The platform did not become ready. See its log: $compose logs" >&2
      exit 1
    fi
    sleep 2
  done
  if [ "$port" = 80 ]; then echo "Prodigon is running: http://localhost"; else echo "Prodigon is running: http://localhost:$port"; fi
  echo "Stop it: make stop-docker"
  ;;
stop)
  echo "Stopping Prodigon with $compose ..."
  stop
  ;;
*)
  echo "Usage: containers.sh run|stop" >&2
  exit 2
  ;;
esac
