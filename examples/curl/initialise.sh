#!/usr/bin/env bash
# initialise.sh MODEL_JSON DATASET_REF OUTPUT: weights for a model by the service at GRADINIT_URL.
set -euo pipefail
(($# == 3)) || { echo "usage: $0 MODEL_JSON DATASET_REF OUTPUT" >&2; exit 2; }
model=$1 dataset=$2 output=$3
url=${GRADINIT_URL:-http://127.0.0.1:8080}
method=${GRADINIT_METHOD:-'{"name":"gradinit","options":{"learningRate":0.01,"iterations":120}}'}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The key goes by a file: arguments can be seen by other users of the machine.
: > "$work/auth"
[ -z "${GRADINIT_API_KEY:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$GRADINIT_API_KEY" > "$work/auth"

# 429 and 503 are repeated by curl itself; the Idempotency-Key makes that safe.
request() { curl --config "$work/auth" --silent --show-error --fail-with-body --retry 5 "$@"; }
field() { python3 -c 'import json, sys; value = json.load(sys.stdin)
for key in sys.argv[1:]: value = value[key]
print(value)' "$@"; }

python3 - "$model" "$dataset" "$method" > "$work/job.json" <<'PYTHON'
import json, sys
model, dataset, method = sys.argv[1:]
topology = json.load(open(model))
print(json.dumps({"model": {"topology": topology}, "dataset": {"ref": dataset}, "method": json.loads(method), "artifacts": ["safetensors"]}))
PYTHON

id=$(request "$url/v1/jobs" -H 'content-type: application/json' -H "idempotency-key: $(sha256sum "$work/job.json" | cut -c1-32)-$$" --data-binary "@$work/job.json" | field id)
echo "$id" >&2

status=queued
until [[ "$status" =~ ^(succeeded|failed|cancelled|expired)$ ]]; do
  request "$url/v1/jobs/$id?wait=30" > "$work/state.json"
  status=$(field status < "$work/state.json")
  echo "$status" >&2
done
[ "$status" = succeeded ] || { field error < "$work/state.json" >&2; exit 1; }

mkdir -p "$(dirname "$output")"
request "$url/v1/jobs/$id/weights?format=safetensors" --dump-header "$work/head" --output "$output"
promised=$(tr -d '\r"' < "$work/head" | sed -n 's/^etag: *//Ip')
echo "$promised  $output" | sha256sum --check --quiet
echo "$output"
