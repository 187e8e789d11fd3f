#!/bin/sh
# Run by the postgres image when its folder is empty: one role and its databases for Everwave, one for Temporal. Neither can
# read the other's. `everwave` makes the role that its processes switch to, hence createrole.
set -eu

secrets=${SECRETS_FOLDER:-/run/secrets}

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres \
  --set everwave_password="$(cat "$secrets/everwave-database-password")" \
  --set temporal_password="$(cat "$secrets/temporal-database-password")" <<'SQL'
create role everwave login createrole password :'everwave_password';
create role temporal login password :'temporal_password';
create database everwave owner everwave;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke connect, temporary on database everwave, temporal, temporal_visibility from public;
SQL
