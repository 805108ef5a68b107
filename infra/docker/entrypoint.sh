#!/bin/sh
# Puts the passwords of mounted secret files into this process's URLs, then becomes the process.
# FUQUAN_DATABASE_AT and FUQUAN_AMQP_AT are user@host:port; the passwords are URL-safe (secrets.sh).
# A broker of several nodes is user@host:port,host:port,…
set -eu
url() { # scheme user@host:port password-file
  printf '%s://%s:%s@%s/' "$1" "${2%%@*}" "$(cat "$3")" "${2#*@}"
}
if [ -n "${FUQUAN_DATABASE_AT:-}" ]; then
  FUQUAN_DATABASE_URL=$(url postgresql "$FUQUAN_DATABASE_AT" "$FUQUAN_DATABASE_PASSWORD_FILE")
  export FUQUAN_DATABASE_URL
fi
if [ -n "${FUQUAN_AMQP_AT:-}" ]; then
  FUQUAN_AMQP_URL=
  for node in $(echo "${FUQUAN_AMQP_AT#*@}" | tr , ' '); do
    one=$(url amqp "${FUQUAN_AMQP_AT%%@*}@$node" "$FUQUAN_AMQP_PASSWORD_FILE")
    FUQUAN_AMQP_URL="${FUQUAN_AMQP_URL:+$FUQUAN_AMQP_URL;}$one"
  done
  export FUQUAN_AMQP_URL
fi
if [ $# -gt 0 ]; then
  exec "$@"
fi
exec python -m shared.serve "$FUQUAN_PROCESS"
