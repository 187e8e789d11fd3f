#!/bin/sh
# Runs a command with the secrets that came as files: PGPASSWORD_FILE=/run/secrets/x becomes PGPASSWORD. The master key is
# not among them: the processes read EVERWAVE_SECRET_KEY_FILE themselves.
set -eu

for name in PGPASSWORD TEMPORAL_API_KEY EVERWAVE_METRICS_TOKEN; do
  eval "file=\${${name}_FILE:-}"
  [ -n "$file" ] || continue
  if [ ! -r "$file" ]; then
    echo "${name}_FILE names $file, which user $(id -u) cannot read. Make the secrets first: sh deploy/make-secrets.sh" >&2
    exit 1
  fi
  value=$(cat "$file")
  export "$name=$value"
done

exec "$@"
