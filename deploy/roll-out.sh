#!/bin/sh
# On the host: brings the stack to a commit and the images of that commit, and waits until every health check is green.
# An earlier commit and tag roll it back: docs/deploy.md
#
#   sh deploy/roll-out.sh <commit> <registry/owner/repository> <tag>
set -eu
umask 077

roll_out() {
  commit=${1:?the commit}
  images=${2:?where the images are}
  tag=${3:?the tag of the images}

  cd "${EVERWAVE_FOLDER:-/opt/everwave}"
  git fetch --quiet origin "$commit"
  git checkout --quiet --detach "$commit"
  # Kept, so that whoever types `docker compose up` next starts the same images.
  touch .env
  grep -v -e '^EVERWAVE_IMAGES=' -e '^EVERWAVE_TAG=' .env > .env.new || true
  printf 'EVERWAVE_IMAGES=%s\nEVERWAVE_TAG=%s\n' "$images" "$tag" >> .env.new
  mv .env.new .env

  docker compose pull --quiet
  docker compose up --detach --wait --wait-timeout 300 --no-build --remove-orphans
  docker compose ps
}

# Read as a whole before it begins: it may come over a pipe, and one of its programs may read from there.
roll_out "$@" < /dev/null
