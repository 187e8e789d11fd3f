#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, once; what is there stays. The folder is closed to other users of this
# machine; the files in it are readable, because each container reads its own under another user id.
set -eu

folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

make() {
  [ -e "$folder/$1" ] && return
  openssl rand "$2" "$3" > "$folder/$1.new"
  chmod 444 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
  echo "made $folder/$1"
}

make everwave-secret-key -base64 32
make everwave-database-password -hex 24
make temporal-database-password -hex 24
make postgres-password -hex 24
make metrics-token -hex 24
make backup-passphrase -hex 24
make grafana-password -hex 12

echo "Keep copies of $folder/everwave-secret-key and $folder/backup-passphrase apart from the database: without the key nothing encrypted can be read, without the passphrase no backup."
