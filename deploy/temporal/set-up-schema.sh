#!/bin/sh
# Makes Temporal's tables, or brings them to this release. Run it again before every newer server.
set -eu

schema=${TEMPORAL_SCHEMA_FOLDER:-/etc/temporal/schema}/postgresql/v12
SQL_PASSWORD=${SQL_PASSWORD:-$(cat /run/secrets/temporal-database-password)}
export SQL_PASSWORD

for part in temporal:temporal temporal_visibility:visibility; do
  database=${part%%:*}
  folder=${part##*:}
  echo "$database:"
  # Version 0.0 makes the two tables of the tool itself; on a database that has them it changes nothing.
  temporal-sql-tool --plugin postgres12 --db "$database" setup-schema --version 0.0
  temporal-sql-tool --plugin postgres12 --db "$database" update-schema --schema-dir "$schema/$folder/versioned"
done
