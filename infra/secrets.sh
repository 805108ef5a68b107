#!/bin/sh
# Makes the secrets of a compose deployment, and the variables that docker-compose.yml wants; keeps what is there:
#   FUQUAN_DEPLOYMENT=mudan sh infra/secrets.sh .fuquan/compose
#   docker compose --env-file .fuquan/compose/env up --build
# With the broker over TLS (infra/rabbitmq/compose.tls.yml), and certificates for it:
#   FUQUAN_DEPLOYMENT=mudan sh infra/secrets.sh .fuquan/compose tls [HOST…]   HOST: what platforms call this host
# The folder is for its owner alone; the files in it are readable, since a container's user has
# another number. The roles' database passwords derive from the administrator's as
# shared.migrate.role_password does it.
set -eu
folder=${1:?name a folder for the secrets, e.g. .fuquan/compose}
kind=${2:-}
case $kind in '' | tls) ;; *) echo "tls or nothing, not $kind" >&2; exit 2 ;; esac
[ $# -lt 2 ] || shift 2 # what is left are hosts
users='catalog delegation cases supervision ledger gateway relay'
certificates=$(dirname "$0")/rabbitmq/certificates.sh
said() { [ ! -e "$folder/env" ] || sed -n "s/^$1=//p" "$folder/env"; } # by an earlier run
kept() { # name value: which an earlier run may not have told otherwise
  before=$(said "$1")
  [ "${before:-$2}" = "$2" ] || { echo "$folder/env has $1=$before, not $2: what is recorded stands under it" >&2; exit 2; }
}
deployment=${FUQUAN_DEPLOYMENT:-$(said FUQUAN_DEPLOYMENT)} prefix=${FUQUAN_PREFIX:-$(said FUQUAN_PREFIX)}
: "${deployment:?set FUQUAN_DEPLOYMENT, it names the logs for ever, e.g. FUQUAN_DEPLOYMENT=mudan}" "${prefix:=fuquan_}"
kept FUQUAN_DEPLOYMENT "$deployment"
kept FUQUAN_PREFIX "$prefix"
umask 077
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # name: the value on standard input, unless there is one already
  if [ -e "$folder/$1" ]; then cat >/dev/null; else cat >"$folder/$1" && chmod 444 "$folder/$1"; fi
}
variable() { # name value: unless it is told already
  [ -n "$(said "$1")" ] || printf '%s=%s\n' "$1" "$2" >>"$folder/env"
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
variable FUQUAN_SECRETS "$folder"
variable FUQUAN_DEPLOYMENT "$deployment"
variable FUQUAN_PREFIX "$prefix"
variable COMPOSE_PROFILES core
if [ "$kind" ]; then
  sh "$certificates" "$folder/tls" server rabbitmq "$@"
  for user in $users; do
    sh "$certificates" "$folder/tls" client "$user"
  done
  chmod 444 "$folder"/tls/ca.pem "$folder"/tls/server.* "$folder"/tls/client-*
  variable COMPOSE_FILE docker-compose.yml:infra/rabbitmq/compose.tls.yml
  echo "keep $folder/tls/ca.key elsewhere: no server needs it" >&2
fi
