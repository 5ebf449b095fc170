#!/bin/sh
# Generates clients from the OpenAPI document of a running platform and runs them, lints the document, and tests the
# platform against it. Usage: BASE_URL=http://127.0.0.1:8000 sh check.sh [folder for the packages]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${TMPDIR:-/tmp}/prodigon-generated-clients}
BASE_URL=${BASE_URL:-http://127.0.0.1:8000}
export BASE_URL
mkdir -p "$folder"
cp "$here"/package.json "$here"/*.ts "$here"/*.mjs "$here"/*.py "$folder"
cd "$folder"
curl -fsS "$BASE_URL/openapi.json" -o openapi.json

npm install --no-audit --no-fund --ignore-scripts --loglevel=error
node lint.mjs openapi.json
node_modules/.bin/openapi-typescript openapi.json --default-non-nullable false -o openapi.d.ts
node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target es2024 \
  --lib es2024,dom,dom.iterable,dom.asynciterable --types node --allowImportingTsExtensions client.ts
node client.ts

if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Python clients: skipped, because there is no Python 3.11 with venv on the PATH"
  exit 0
fi
test -x python/bin/schemathesis || {
  python3 -m venv python
  python/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1 schemathesis==4.32.5
}
python/bin/openapi-python-client generate --path openapi.json --meta none --overwrite --output-path prodigon_client >generator.log
python/bin/python client.py
SCHEMATHESIS_HOOKS=schemathesis_hooks python/bin/schemathesis run "$BASE_URL/openapi.json" --no-color \
  --phases examples,coverage,fuzzing --max-time "${SECONDS_MAX:-80}" --continue-on-failure --request-timeout 30 \
  --suppress-health-check all --checks "not_a_server_error,status_code_conformance,content_type_conformance,\
response_headers_conformance,response_schema_conformance,missing_required_header,unsupported_method,\
allow_header_conformance,ignored_auth"
