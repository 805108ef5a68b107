#!/bin/sh
# Make Node.js, an AMQP client for it and AsyncAPI's own schema available to the tests, in FOLDER.
set -eu
folder=${1:-.fuquan/node}
wanted="amqplib@2.3.1 @asyncapi/specs@6.11.1"
[ -f "$folder/installed" ] && [ "$(cat "$folder/installed")" = "$wanted" ] && exit 0
if ! command -v npm >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing nodejs and npm for the integration tests"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
fi
if ! command -v npm >/dev/null; then
  echo "no npm for the integration tests: install Node.js 18 or later with npm" >&2
  exit 1
fi
mkdir -p "$folder"
echo '{"private": true}' >"$folder/package.json"
# shellcheck disable=SC2086 - several words are meant
npm install --prefix "$folder" --no-audit --no-fund --no-package-lock --ignore-scripts --silent $wanted
echo "$wanted" >"$folder/installed"
