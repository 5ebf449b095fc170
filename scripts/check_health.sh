#!/bin/sh
# Shows the state of each service, like `make health`.
cd "$(dirname "$0")/.." && exec node apps/cli/bin/prodigon.mjs health "$@"
