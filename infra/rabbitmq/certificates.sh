#!/bin/sh
# The county's own CA and certificates for the broker's TLS. Keeps what is there.
#   sh certificates.sh FOLDER server HOST…   the broker's: names all nodes of a cluster and what clients call them
#   sh certificates.sh FOLDER client USER    a client's: the broker takes the common name for the user
# Writes FOLDER/{ca,server,client-USER}.{pem,key}. Keep ca.key off the servers. Certificates hold for OPENSSL_DAYS (default
# 825); to renew one remove its two files and say it again, with ca.key back in FOLDER.
set -eu
umask 077
[ $# -ge 3 ] || {
  echo "usage: sh certificates.sh FOLDER server HOST…" >&2
  echo "       sh certificates.sh FOLDER client USER" >&2
  exit 2
}
folder=$1 kind=$2
shift 2
mkdir -p "$folder"
days=${OPENSSL_DAYS:-825}
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

if [ -e "$folder/ca.pem" ] && [ ! -e "$folder/ca.key" ]; then
  echo "$folder/ca.key is not here; bring it back: the certificates there are would not go with a new CA" >&2
  exit 2
fi
if [ ! -e "$folder/ca.key" ]; then
  key "$folder/ca.key"
  openssl req -x509 -new -key "$folder/ca.key" -days 3650 -subj "/CN=fuquan county CA" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -out "$folder/ca.pem"
fi

certificate() { # file common-name extensions
  [ -e "$folder/$1.pem" ] && return
  key "$folder/$1.key"
  printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" "$3" >"$folder/$1.ext"
  openssl req -new -key "$folder/$1.key" -subj "/CN=$2" |
    openssl x509 -req -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
      -days "$days" -extfile "$folder/$1.ext" -out "$folder/$1.pem" 2>/dev/null
  rm "$folder/$1.ext"
}

case $kind in
server)
  names=
  for host in "$@"; do
    case $host in *[!0-9.]*) names="$names,DNS:$host" ;; *) names="$names,IP:$host" ;; esac
  done
  certificate server "fuquan broker" "extendedKeyUsage=serverAuth
subjectAltName=${names#,}"
  ;;
client) certificate "client-$1" "$1" "extendedKeyUsage=clientAuth" ;;
*) echo "server or client, not $kind" >&2; exit 2 ;;
esac
