#!/bin/sh
# Programs from Debian that the tests check us with, besides the servers: as root they are installed.
set -eu
missing=
need() { # path package
  [ -e "$1" ] || missing="$missing $2"
}
need /usr/bin/promtool prometheus # alerts and metrics
need /usr/bin/go golang-go        # an independent reader of the logs
need /usr/bin/openssl openssl     # SM2 signatures
need /bin/ip iproute2                # network namespaces for the faults
need /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog golang-golang-x-mod-dev
need /usr/share/gocode/src/github.com/Masterminds/sprig golang-github-masterminds-sprig-dev # the Helm chart
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing$missing for the tests"
  # RUNLEVEL=1 keeps the packages' own services down
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq
  # shellcheck disable=SC2086 -- one word per package
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
  exit 0
fi
echo "the tests need programs that are not here: apt-get install$missing" >&2
exit 1
