base_url="${BASE_URL:-http://127.0.0.1:8000}"
key="${PRODIGON_API_KEY:-any}"

curl -sS --fail-with-body "$base_url/v1/models" -H "Authorization: Bearer $key"

curl -sS --fail-with-body -N "$base_url/v1/chat/completions" \
  -H "Authorization: Bearer $key" \
  -H "Content-Type: application/json" \
  -d '{"messages": [{"role": "user", "content": "What is backpressure?"}], "stream": true}'

curl -sS --fail-with-body "$base_url/v1/embeddings" \
  -H "Authorization: Bearer $key" \
  -H "Content-Type: application/json" \
  -d '{"model": "prodigon-embed", "input": "One text", "dimensions": 8}'
