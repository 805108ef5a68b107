#!/bin/bash
# Makes the data folder at the first start, as the official image does, then becomes the server.
set -euo pipefail

value() { # VARIABLE default: its value, or what is in the file that VARIABLE_FILE names
  local file=${1}_FILE
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf %s "${!1:-$2}"; fi
}

initialise() {
  local password arguments=() method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} file
  POSTGRES_USER=$(value POSTGRES_USER postgres)
  POSTGRES_DB=$(value POSTGRES_DB "$POSTGRES_USER")
  export POSTGRES_USER POSTGRES_DB
  password=$(value POSTGRES_PASSWORD "")
  if [ -z "$password" ] && [ "$method" != trust ]; then
    echo "set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE" >&2
    exit 1
  fi
  read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --username="$POSTGRES_USER" --auth=trust ${password:+--pwfile=/dev/stdin} "${arguments[@]}" <<<"$password"
  echo "host all all all $method" >>"$PGDATA/pg_hba.conf"
  pg_ctl --wait --options="-c listen_addresses=''" start
  [ "$POSTGRES_DB" = postgres ] || createdb --username="$POSTGRES_USER" --maintenance-db=postgres "$POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sql) psql -X -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f "$file" ;;
      *.sh) bash "$file" ;;
    esac
  done
  pg_ctl --wait --mode=fast stop
}

case ${1:-} in
  -*) set -- postgres "$@" ;;
  postgres) ;;
  *) exec "$@" ;;
esac
[ -s "$PGDATA/PG_VERSION" ] || initialise
shift
exec postgres -c listen_addresses='*' "$@"
