#!/bin/sh
# Make a RabbitMQ available to the integration tests; tests/servers.py and tests/brokers.py find it.
# The tests of clusters, certificates and federation start several nodes, and want the server's program.
set -eu
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing rabbitmq-server for the integration tests"
  # the tests start a server of their own in a temporary folder; RUNLEVEL=1 keeps the package's own down
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq && apt-get install -y -qq --no-install-recommends rabbitmq-server >/dev/null && exit 0
fi
echo "no rabbitmq-server: the tests that start several nodes will fail; install it (apt-get install rabbitmq-server)" >&2
[ -n "${FUQUAN_TEST_AMQP_URL:-}" ] && exit 0
image=rabbitmq:4-management
if docker info >/dev/null 2>&1; then
  docker image inspect "$image" >/dev/null 2>&1 && exit 0
  echo "fetching $image for the integration tests"
  docker pull -q "$image" && exit 0
fi
echo "no RabbitMQ for the integration tests: install it (apt-get install rabbitmq-server), start a container engine," >&2
echo "or set FUQUAN_TEST_AMQP_URL=amqp://user:password@host:5672//" >&2
exit 1
