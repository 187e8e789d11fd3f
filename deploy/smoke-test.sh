#!/bin/sh
# Runs the sample flow on a stack that was started with deploy/demo.env, and waits for its run to succeed.
set -eu

prepared=$(docker compose logs --no-log-prefix prepare | grep '^{"firstStart"' | head -n 1)
key=$(printf '%s' "$prepared" | jq --raw-output '.apiKey // empty')
command=$(printf '%s' "$prepared" | jq --raw-output '.sampleCurl // empty')
if [ -z "$key" ] || [ -z "$command" ]; then
  echo 'The log of prepare holds no sample flow. Start with: docker compose --env-file deploy/demo.env up --detach --wait' >&2
  exit 1
fi

api=$(printf '%s' "$command" | sed -n "s/^curl -X POST '\(http[^']*\)\/hooks\/.*/\1/p")
run=$(sh -c "$command --silent --show-error --fail" | jq --raw-output .runId)
for _ in $(seq 60); do
  status=$(curl --silent --show-error --fail --header "x-api-key: $key" "$api/v1/runs/$run" | jq --raw-output .status)
  case $status in
    succeeded) echo "$run succeeded"; exit 0 ;;
    failed | cancelled | needs_attention) break ;;
  esac
  sleep 1
done
echo "$run is $status" >&2
exit 1
