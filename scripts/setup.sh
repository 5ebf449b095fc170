#!/bin/sh
# Installs the packages, builds the web UI and bundles the apps, like `make setup`.
cd "$(dirname "$0")/.." && exec node scripts/setup.mjs setup "$@"
