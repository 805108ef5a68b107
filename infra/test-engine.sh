#!/bin/bash
# Runs a command with a container engine, its base images and Compose at hand:
#   infra/test-engine.sh python -m pytest tests/containers
# Where no engine answers, root on Debian gets one: docker.io, for as long as the command runs. Where
# none can be had the command runs all the same, and FUQUAN_NO_CONTAINERS tells it why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
state=/var/lib/fuquan-engine
run=/run/fuquan-engine
IMAGES=("${FUQUAN_TEST_POSTGRES_IMAGE:-postgres:17}" "${FUQUAN_TEST_RABBITMQ_IMAGE:-rabbitmq:4-management}"
  python:3.11-slim-bookworm prom/prometheus:v3.5.0)

why() { # sentence: containers cannot be had here
  echo "no containers: $1" >&2
  export FUQUAN_NO_CONTAINERS=$1
}

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Not started by its package: RUNLEVEL=1 keeps it down.
install() { # package...
  echo "installing $* for the tests in containers"
  if ! DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  fi
}

ours='' # the process of an engine that this run has started
end() {
  [ -z "$ours" ] || { kill "$ours" && wait "$ours" || true; }
}
trap end EXIT

# What a run that was killed has left, which our engine would start again.
swept() {
  local left
  left=$(docker ps -aq)
  # shellcheck disable=SC2086 # one word per container
  [ -z "$left" ] || docker rm -fv $left >/dev/null
  docker network prune -f >/dev/null
  docker volume prune -f >/dev/null
}

engine() {
  command -v docker >/dev/null && answers && return
  export DOCKER_HOST=unix://$run/docker.sock
  command -v docker >/dev/null && answers && return
  may_install || { why "no container engine answers, and only root on Debian may install and start one"; return; }
  command -v dockerd >/dev/null || install docker.io || { why "docker.io cannot be installed"; return; }
  mkdir -p "$run" "$state"
  dockerd --host "$DOCKER_HOST" --pidfile "$run/pid" --exec-root "$run/exec" --data-root "$state/docker" \
    >"$state/engine.log" 2>&1 </dev/null &
  ours=$!
  for _ in $(seq 60); do
    answers && { swept; return; }
    kill -0 "$ours" 2>/dev/null || break
    sleep 0.5
  done
  why "the engine does not start here: $(grep -E 'level=(error|fatal)|failed to start' "$state/engine.log" | tail -n 1)"
}

# From a registry; where none is reached, made from Debian's packages.
images() {
  local image missing=()
  for image in "${IMAGES[@]}"; do
    docker image inspect "$image" >/dev/null 2>&1 || timeout 300 docker pull -q "$image" 2>/dev/null || missing+=("$image")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  may_install || { why "no registry has ${missing[*]}, and only root may build them (infra/offline/build)"; return; }
  command -v debootstrap >/dev/null || install debootstrap || { why "debootstrap cannot be installed"; return; }
  echo "no registry is reached: building ${missing[*]} from Debian's packages"
  "$here/offline/build" "${missing[@]}" || why "infra/offline/build failed"
}

# Compose v2 as Debian 13 packages it; one file, which Debian 12 runs too.
compose() {
  local plugin=/usr/libexec/docker/cli-plugins/docker-compose folder=$state/compose
  if docker compose version >/dev/null 2>&1; then
    export FUQUAN_COMPOSE="docker compose"
    return
  fi
  export FUQUAN_COMPOSE=$folder$plugin
  [ -x "$FUQUAN_COMPOSE" ] && return
  may_install || { why "there is no Compose v2"; return; }
  mkdir -p "$folder/lists/partial"
  "$here/offline/build" --sources trixie >"$folder/sources.list"
  local from=(-o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$folder/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
    -o APT::Sandbox::User=root)
  (cd "$folder" && apt-get "${from[@]}" update -qq && apt-get "${from[@]}" download -qq docker-compose &&
    dpkg-deb -x docker-compose_*.deb .) || why "Debian's docker-compose cannot be fetched"
}

for need in engine images compose; do
  [ -n "${FUQUAN_NO_CONTAINERS:-}" ] || "$need"
done
"$@"
