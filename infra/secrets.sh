#!/bin/sh
# Makes the secrets of a compose deployment, once, and the variables that docker-compose.yml wants:
#   sh infra/secrets.sh .fuquan/compose
#   docker compose --env-file .fuquan/compose/env up --build
# With certificates for the broker's TLS, which infra/rabbitmq/compose.tls.yml wants:
#   sh infra/secrets.sh .fuquan/compose tls
# The folder is for its owner alone; the files in it are readable, since a container's user has
# another number. The roles' database passwords derive from the administrator's as
# shared.migrate.role_password does it.
set -eu
folder=${1:?name a folder for the secrets, e.g. .fuquan/compose}
tls=${2:-}
case $tls in '' | tls) ;; *) echo "tls or nothing, not $tls" >&2; exit 2 ;; esac
users='catalog delegation cases supervision ledger gateway relay'
certificates=$(dirname "$0")/rabbitmq/certificates.sh
prefix=${FUQUAN_PREFIX:-fuquan_}
umask 077
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # name: the value on standard input, unless there is one already
  if [ -e "$folder/$1" ]; then cat >/dev/null; else cat >"$folder/$1" && chmod 444 "$folder/$1"; fi
}
random | keep postgres_admin
for role in catalog delegation cases supervision ledger relay; do
  printf %s "$prefix$role" |
    openssl dgst -sha256 -mac HMAC -macopt "key:$(cat "$folder/postgres_admin")" -r |
    cut -d' ' -f1 | tr -d '\n' | keep "postgres_$role"
done
for user in $users; do
  random | keep "amqp_$user"
done
random | keep grafana_admin
if [ "$tls" ]; then
  sh "$certificates" "$folder/tls" server rabbitmq
  for user in $users; do
    sh "$certificates" "$folder/tls" client "$user"
  done
  chmod 444 "$folder"/tls/ca.pem "$folder"/tls/server.* "$folder"/tls/client-*
  echo "keep $folder/tls/ca.key elsewhere: no server needs it" >&2
fi
cat >"$folder/env" <<END
FUQUAN_SECRETS=$folder
FUQUAN_DEPLOYMENT=${FUQUAN_DEPLOYMENT:-compose}
FUQUAN_PREFIX=$prefix
COMPOSE_PROFILES=core
END
