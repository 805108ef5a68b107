#!/bin/sh
# A copy of every quorum queue on every node given: sh grow.sh NODE…  Safe to repeat.
# A queue has its copies where nodes were when it was declared; a node that joins later gets none by itself.
#   RABBITMQ_NODE     any node of the cluster (default rabbit@rabbitmq1)
#   RABBITMQ_QUEUES   the tool (default rabbitmq-queues)
set -eu
export RABBITMQ_NODENAME="${RABBITMQ_NODE:-rabbit@rabbitmq1}"
[ $# -ge 1 ] || { echo "usage: sh grow.sh NODE…" >&2; exit 2; }
for node in "$@"; do
  "${RABBITMQ_QUEUES:-rabbitmq-queues}" grow "$node" all
done
