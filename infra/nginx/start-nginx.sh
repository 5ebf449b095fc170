#!/bin/sh
# Runs nginx in a container. Waits until the names of the upstreams have addresses, and reloads the configuration when the
# addresses change, because nginx resolves names only when it loads its configuration. Usage: start-nginx.sh FOLDER
# The variable NGINX_CONFIGURATION selects a file of the folder. It is no parameter, because podman-compose appends the
# command of a second Compose file instead of replacing the first one.
set -u
configuration=$1/${NGINX_CONFIGURATION:-nginx.conf}
hosts="gateway frontend"

# The port to which nginx-tls.conf redirects.
https_port=${HTTPS_PORT:-443}
folder=${TMPDIR:-/tmp}
case $https_port in
'' | *[!0-9]*)
  echo "HTTPS_PORT must be a number." >&2
  exit 78
  ;;
443) rm -f "$folder/https-port.conf" ;;
*) echo "set \$https_port :$https_port;" >"$folder/https-port.conf" ;;
esac

addresses() {
  for host in $hosts; do
    found=$(getent ahostsv4 "$host" | cut -d ' ' -f 1 | sort -u) && [ -n "$found" ] || return 1
    echo "$host" $found
  done
}

stop() { kill -QUIT "$nginx" 2>/dev/null; wait "$nginx"; exit 0; }
nginx=
trap '[ -n "$nginx" ] && stop || exit 0' TERM QUIT INT

until known=$(addresses); do sleep 1; done
nginx -c "$configuration" -e stderr -g 'daemon off;' &
nginx=$!

while kill -0 "$nginx" 2>/dev/null; do
  sleep 2 &
  wait $!
  if current=$(addresses) && [ "$current" != "$known" ]; then
    kill -HUP "$nginx" && known=$current
  fi
done
wait "$nginx"
