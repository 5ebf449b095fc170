#!/bin/sh
# Starts the platform, like `npm start`.
cd "$(dirname "$0")/.." && exec node scripts/setup.mjs start "$@"
