#!/bin/sh
# Run by the postgres image when its folder is empty: one role and its databases for Everwave, one for Temporal. Neither can
# read the other's. `everwave` makes the role that its processes switch to, hence createrole.
set -eu

export SECRETS_FOLDER="${SECRETS_FOLDER:-/run/secrets}"
for secret in everwave-database-password temporal-database-password; do
  # Without it the role would get an empty password, which nobody can sign in with.
  [ -r "$SECRETS_FOLDER/$secret" ] && [ -s "$SECRETS_FOLDER/$secret" ] || { echo "$SECRETS_FOLDER/$secret cannot be read, or is empty." >&2; exit 1; }
done

# psql reads the files itself: what stands on a command line can be read by every user of the machine.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres <<'SQL'
\set everwave_password `cat "$SECRETS_FOLDER/everwave-database-password"`
\set temporal_password `cat "$SECRETS_FOLDER/temporal-database-password"`
create role everwave login createrole password :'everwave_password';
create role temporal login password :'temporal_password';
create database everwave owner everwave;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke connect, temporary on database everwave, temporal, temporal_visibility from public;
SQL
