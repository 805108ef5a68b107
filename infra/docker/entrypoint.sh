#!/bin/sh
# Puts the passwords of mounted secret files into this process's URLs, then becomes the process.
# FUQUAN_DATABASE_AT and FUQUAN_AMQP_AT are user@host:port; the passwords are URL-safe (secrets.sh).
# A broker of several nodes is user@host:port,host:port,…
# With FUQUAN_AMQP_TLS the user's certificate takes the password's place: a folder with ca.pem and
# client-<user>.{pem,key} of certificates.sh.
set -eu
url() { # scheme user@host:port password-file
  printf '%s://%s:%s@%s/' "$1" "${2%%@*}" "$(cat "$3")" "${2#*@}"
}
tls() { # user host:port
  own=$FUQUAN_AMQP_TLS/client-$1
  for file in "$FUQUAN_AMQP_TLS/ca.pem" "$own.pem" "$own.key"; do
    [ -r "$file" ] || { echo "FUQUAN_AMQP_TLS: cannot read $file" >&2; exit 1; }
  done
  printf 'amqps://%s@%s//?cacertfile=%s&certfile=%s&keyfile=%s&auth_mechanism=external' \
    "$1" "$2" "$FUQUAN_AMQP_TLS/ca.pem" "$own.pem" "$own.key"
}
if [ -n "${FUQUAN_DATABASE_AT:-}" ]; then
  FUQUAN_DATABASE_URL=$(url postgresql "$FUQUAN_DATABASE_AT" "$FUQUAN_DATABASE_PASSWORD_FILE")
  export FUQUAN_DATABASE_URL
fi
if [ -n "${FUQUAN_AMQP_AT:-}" ]; then
  user=${FUQUAN_AMQP_AT%%@*} FUQUAN_AMQP_URL=
  for node in $(echo "${FUQUAN_AMQP_AT#*@}" | tr , ' '); do
    if [ -n "${FUQUAN_AMQP_TLS:-}" ]; then
      one=$(tls "$user" "$node")
    else
      one=$(url amqp "$user@$node" "$FUQUAN_AMQP_PASSWORD_FILE")
    fi
    FUQUAN_AMQP_URL="${FUQUAN_AMQP_URL:+$FUQUAN_AMQP_URL;}$one"
  done
  export FUQUAN_AMQP_URL
fi
if [ $# -gt 0 ]; then
  exec "$@"
fi
exec python -m shared.serve "$FUQUAN_PROCESS"
