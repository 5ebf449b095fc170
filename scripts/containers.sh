#!/bin/sh
# Starts, updates or stops the platform of compose.yaml, with Docker Compose where an engine answers, else with podman-compose.
# Usage: containers.sh run|update|stop
set -eu
cd "$(dirname "$0")/.."
project=${COMPOSE_PROJECT_NAME:-prodigon}
port=${HTTP_PORT:-80}
# Longer than the callers of a service need to use a new container and to forget an old one: the gateways and workers resolve
# names every 5 seconds, nginx every 2 seconds, and nginx skips an address for 5 seconds that it could not reach.
settle_s=10

if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
  engine=docker
  compose="docker compose -p $project"
  missing="up --detach --no-build --no-deps --no-recreate"
  no_others=
elif command -v podman-compose >/dev/null 2>&1 && podman info >/dev/null 2>&1; then
  engine=podman
  compose="podman-compose -p $project"
  # podman-compose changes no existing container, but also creates those of the services that a service depends on.
  missing="up --detach --no-build"
  no_others="MODEL_REPLICAS=0 WORKER_REPLICAS=0 GATEWAY_REPLICAS=0 FRONTEND_REPLICAS=0"
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

containers_of() {
  $engine ps --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"
}

# Waits until all URLs answer a gateway.
wait_until_ready() {
  tries=0
  until $engine exec "$(containers_of gateway | head -n 1)" node infra/container/check-health.mjs "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      echo "The platform did not become ready. See its log: $compose logs" >&2
      exit 1
    fi
    sleep 2
  done
}

# Replaces the containers of a service one after another. The new one starts before the old one stops.
replace() {
  service=$1
  path=$2
  old=$(containers_of "$service")
  count=$(echo "$old" | wc -l)
  variable=$(echo "$service" | tr '[:lower:]' '[:upper:]')_REPLICAS
  for container in $old; do
    echo "Replacing a container of $service ..."
    output=$(env $no_others "$variable=$((count + 1))" $compose $missing "$service" 2>&1) || { echo "$output" >&2; exit 1; }
    urls=
    for each in $(containers_of "$service"); do
      address=$($engine inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$each")
      urls="$urls http://$address$path"
    done
    wait_until_ready $urls
    sleep "$settle_s"
    $engine stop -t 40 "$container" >/dev/null
    $engine rm "$container" >/dev/null
  done
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
  wait_until_ready http://127.0.0.1:8000/readyz http://nginx/
  if [ "$port" = 80 ]; then echo "Prodigon is running: http://localhost"; else echo "Prodigon is running: http://localhost:$port"; fi
  echo "Stop it: make stop-docker"
  ;;
update)
  echo "Updating Prodigon with $compose ..."
  if [ -z "$(containers_of gateway)" ]; then
    echo "Prodigon is not running. Start it: make run-docker" >&2
    exit 1
  fi
  $compose build
  $compose run --rm --no-deps migrate
  # Each service is replaced before its callers, so that a new caller never meets an old service.
  replace model :8001/readyz
  replace worker :8002/readyz
  replace gateway :8000/readyz
  replace frontend :3000/livez
  echo "Prodigon is updated."
  ;;
stop)
  echo "Stopping Prodigon with $compose ..."
  stop
  ;;
*)
  echo "Usage: containers.sh run|update|stop" >&2
  exit 2
  ;;
esac
