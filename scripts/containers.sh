#!/bin/sh
# Starts, updates or stops the platform of compose.yaml. Uses Docker Compose if an engine is running, otherwise podman-compose.
# Usage: containers.sh run|update|stop
set -eu
cd "$(dirname "$0")/.."

action=${1:-}

# Prints a setting of the environment or of .env, or else the default. Usage: setting NAME DEFAULT
setting() {
  eval "value=\${$1-}"
  [ -n "$value" ] || [ ! -f .env ] || value=$(sed -n "s/^ *$1=//p" .env | tail -n 1 | tr -d "\"'\r")
  echo "${value:-$2}"
}

project=$(setting COMPOSE_PROJECT_NAME prodigon)
files=$(setting COMPOSE_FILE compose.yaml)
secrets=$(setting SECRETS_DIR ./secrets)
export COMPOSE_FILE="$files"
# Longer than the callers of a service need to find a new container and to forget an old one: the gateways and workers resolve
# names every 5 seconds, nginx every 2 seconds, and nginx skips an unreachable address for 5 seconds.
settle_s=10

if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
  engine=docker
  compose="docker compose -p $project"
  missing="up --detach --no-build --no-deps --no-recreate"
  no_others=
elif command -v podman-compose >/dev/null 2>&1 && podman info >/dev/null 2>&1; then
  engine=podman
  compose="podman-compose -p $project"
  # podman-compose changes no existing container, but also creates containers of the services on which a service depends.
  missing="up --detach --no-build"
  no_others="MODEL_REPLICAS=0 WORKER_REPLICAS=0 GATEWAY_REPLICAS=0 FRONTEND_REPLICAS=0"
else
  echo "Prodigon needs Docker with Docker Compose, or podman with podman-compose, but neither works on this machine." >&2
  exit 1
fi

# Exits with 78 for settings that the platform cannot start with, and names those that have no effect.
check_settings() {
  # The platform must not start without keys if the operator believes that it has some.
  if [ -n "$(setting API_KEYS '')" ] && [ ! -e "$secrets/API_KEYS" ]; then
    echo "API_KEYS is set in the environment or in .env, which containers do not read. Save the keys in the file $secrets/API_KEYS." >&2
    exit 78
  fi
  for service in MODEL WORKER GATEWAY FRONTEND; do
    case $(setting "${service}_REPLICAS" 1) in
    *[!0-9]* | 0)
      echo "${service}_REPLICAS must be a positive number." >&2
      exit 78
      ;;
    esac
  done
  [ -f .env ] || return 0
  ignored=
  for name in $(sed -n 's/^ *\([A-Za-z_][A-Za-z0-9_]*\)=..*/\1/p' .env); do
    case $name in COMPOSE_*) continue ;; esac
    grep -q "{$name[:}]" compose*.yaml || ignored="$ignored $name"
  done
  [ -z "$ignored" ] || echo "Containers ignore these settings of .env:$ignored. Save secrets as files in $secrets. docs/operations/deploy.md describes the other settings." >&2
}

# Without a registry in its configuration, podman cannot pull an image by its short name, so this sets the full name. Usage: name_image VARIABLE NAME REGISTRY
name_image() {
  [ -z "$(setting "$1" '')" ] || return 0
  podman image exists "$2" || export "$1=$3/$2"
}

name_images() {
  [ "$engine" = podman ] || return 0
  name_image NODE_IMAGE node:24-bookworm-slim docker.io/library
  name_image NGINX_IMAGE nginx:stable docker.io/library
  name_image POSTGRES_IMAGE postgres:18 docker.io/library
  name_image REDIS_IMAGE redis:8 docker.io/library
  case $files in
  *observability*)
    for line in $(sed -n 's/^ *image: \${\(PROMETHEUS_IMAGE\|GRAFANA_IMAGE\):-\(.*\)}$/\1=\2/p' compose.observability.yaml); do
      name_image "${line%%=*}" "${line#*=}" docker.io
    done
    ;;
  esac
}

build() {
  if [ "$engine" = docker ]; then
    $compose build
    return
  fi
  # podman-compose would rebuild an image for each container, and ignore failures.
  node_image=$(setting NODE_IMAGE node:24-bookworm-slim)
  nginx_image=$(setting NGINX_IMAGE nginx:stable)
  log=$(mktemp)
  for target in worker model gateway migrate frontend; do
    echo "Building the image prodigon-$target ..."
    if ! podman build --target "$target" --tag "prodigon-$target" \
      --build-arg "NODE_IMAGE=$node_image" --build-arg "NGINX_IMAGE=$nginx_image" . >"$log" 2>&1; then
      tail -n 30 "$log" >&2
      echo "Could not build the image prodigon-$target. The complete log is in $log." >&2
      exit 1
    fi
  done
  rm -f "$log"
}

# Runs a command of Compose. podman-compose always exits with 0, and prints each command that it runs.
compose_checked() {
  if [ "$engine" = docker ]; then
    $compose "$@"
    return
  fi
  log=$(mktemp)
  $compose "$@" >"$log" 2>&1 </dev/null || echo "exit code: 1" >>"$log"
  noise="^(\['podman|podman (run|start|create|volume|network|pod) |using podman|exit code: |\*\* |[0-9a-f]{64}$|Error: inspecting object: no such volume)"
  # podman-compose also prints the merged configuration of several files.
  sed '/^ \*\* merged:/,/^}/d' "$log" | grep -vE "$noise" >&2 || true
  if grep -q '^exit code: [1-9]' "$log"; then
    if grep -q 'address already in use' "$log"; then
      echo "Another program uses the port. Choose another one, for example with HTTP_PORT=8080." >&2
    fi
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

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

write_secrets() {
  compose_checked run --rm --no-deps -T secrets || {
    echo "Could not write the secrets." >&2
    exit 1
  }
}

containers_of() {
  $engine ps --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"
}

# Prints the last lines of the log of each container that has failed or restarted.
show_failures() {
  for name in $($engine ps --all --filter "label=com.docker.compose.project=$project" --format '{{.Names}}'); do
    state=$($engine inspect --format '{{.State.Running}} {{.State.ExitCode}} {{.RestartCount}}' "$name")
    case $state in "true 0 0" | "false 0 "*) continue ;; esac
    echo "$name:"
    $engine logs --tail 3 "$name" 2>&1 | sed 's/^/  /'
  done
}

# Succeeds if a container restarts repeatedly. Containers that wait for others do not exit.
is_crashing() {
  for name in $($engine ps --all --filter "label=com.docker.compose.project=$project" --format '{{.Names}}'); do
    restarts=$($engine inspect --format '{{.RestartCount}}' "$name" 2>/dev/null) || continue
    [ "${restarts:-0}" -lt 3 ] || return 0
  done
  return 1
}

# Waits until a gateway container can get a response from all URLs.
wait_until_ready() {
  tries=0
  until $engine exec "$(containers_of gateway | head -n 1)" node infra/container/check-health.mjs "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ] || { [ "$action" = run ] && is_crashing; }; then
      show_failures >&2
      echo "The platform did not become ready. To see its log, run: $compose logs" >&2
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

# Prints a URL of this machine, without the port if it is the default. Usage: address PROTOCOL PORT DEFAULT
address() {
  if [ "$2" = "$3" ]; then echo "$1://localhost"; else echo "$1://localhost:$2"; fi
}

print_addresses() {
  case $files in
  *tls*) echo "Prodigon is running: $(address https "$(setting HTTPS_PORT 443)" 443)" ;;
  *) echo "Prodigon is running: $(address http "$(setting HTTP_PORT 80)" 80)" ;;
  esac
  case $files in
  *observability*)
    echo "Grafana: $(address http "$(setting GRAFANA_PORT 3001)" 80)"
    echo "Prometheus: $(address http "$(setting PROMETHEUS_PORT 9090)" 80)"
    ;;
  esac
}

case $action in
run)
  check_settings
  echo "Starting Prodigon with $compose ..."
  name_images
  build
  # Existing containers would keep the settings and secrets of their start.
  stop
  [ "$engine" = docker ] || write_secrets
  compose_checked up --detach --no-build || {
    stop
    echo "Could not start the containers." >&2
    exit 1
  }
  echo "Waiting until the platform is ready ..."
  wait_until_ready http://127.0.0.1:8000/readyz http://worker:8002/readyz http://nginx/
  print_addresses
  echo "Stop it: make stop-docker"
  ;;
update)
  check_settings
  echo "Updating Prodigon with $compose ..."
  if [ -z "$(containers_of gateway)" ]; then
    echo "Prodigon is not running. Start it: make run-docker" >&2
    exit 1
  fi
  name_images
  build
  write_secrets
  compose_checked run --rm --no-deps -T migrate || {
    echo "The migrations failed. No container has changed." >&2
    exit 1
  }
  # An update from a version without Redis creates its container.
  output=$(env $no_others $compose $missing redis 2>&1) || { echo "$output" >&2; exit 1; }
  # Replaces each service before its callers, so that no new caller calls an old service.
  replace model :8001/readyz
  replace worker :8002/readyz
  replace gateway :8000/readyz
  replace frontend :3000/livez
  echo "The update is complete."
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
