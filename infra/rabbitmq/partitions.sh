#!/bin/sh
# Partitions of a consumer: sh partitions.sh NAME N [KEY…]. Safe to repeat, also after an interruption.
# The exchange facts.NAME hashes the stream (header ce-subject) onto quorum queues facts.NAME.0 … N-1, N up
# to 10, each with one active consumer. KEY (default #): what of fuquan.events goes there; for a user NAME
# only what platform.sh lets it read. What ends its reader 21 times or no longer fits: facts.NAME.dead.
# Another N than before: nothing more comes in, the readers empty their queues, and the hash is made anew;
# what was recorded meanwhile they read from the logs. N=0: no partition is left, and nothing comes in.
# Plugin: rabbitmq_consistent_hash_exchange. Not while a node of the cluster is away.
#   RABBITMQ_NODE   the broker's node (default rabbit@rabbitmq)
#   RABBITMQCTL     the tool (default rabbitmqctl)
set -eu
export RABBITMQ_NODENAME="${RABBITMQ_NODE:-rabbit@rabbitmq}"
ctl() { "${RABBITMQCTL:-rabbitmqctl}" "$@"; }
wrong() { echo "$1" >&2; exit 2; }
[ $# -ge 2 ] || wrong "usage: sh partitions.sh NAME N [KEY…]"
name=$1 count=$2
shift 2
[ $# -gt 0 ] || set -- '#'
case $name in *[!A-Za-z0-9-]*|'') wrong "a name has letters, digits and hyphens" ;; esac
case $count in [0-9]|10) ;; *) wrong "0 to 10 partitions, not $count" ;; esac
[ "$count" -gt 0 ] || set --
definitions=$(mktemp) # a file: 3.10 and 4 differ in how they read definitions from standard input
trap 'rm -f "$definitions"' EXIT
chown rabbitmq "$definitions" 2>/dev/null || true # where root runs this, Debian's tool becomes that user

may=$(ctl list_user_topic_permissions "$name" --no-table-headers 2>/dev/null </dev/null \
  | awk -F '\t' '$2 == "fuquan.events" {print $4}') || may=
for key in "$@"; do
  case $key in *[!A-Za-z0-9.*#-]*|'') wrong "no routing key: $key" ;; esac
  [ -z "$may" ] || printf '%s\n' "$key" | grep -Eq -- "$may" || wrong "$name may not read $key, only $may"
done

r() { printf 'rabbit_misc:r(<<"/">>, %s, <<"%s">>)' "$1" "$2"; }
of() { # a list in Erlang: what stands before each, what after it, and each
  before=$1 after=$2 list=
  shift 2
  for each in "$@"; do list="$list${list:+, }$before$each$after"; done
  echo "[$list]"
}
binds() { # source, destination, keys as Erlang lists them: these bindings there, and no others
  ctl eval "S = $1, D = $2, [ok = rabbit_binding:add({binding, S, K, D, []}, <<\"operator\">>) || K <- $3],
    [ok = rabbit_binding:remove(B, <<\"operator\">>)
      || B <- rabbit_binding:list_for_source_and_destination(S, D), not lists:member(element(3, B), $3)]." >/dev/null
}
events() { binds "$(r exchange fuquan.events)" "$(r exchange "facts.$name")" "$1"; }
queue() { # name, further arguments
  printf '{"name": "%s", "vhost": "/", "durable": true, "auto_delete": false,
    "arguments": {"x-queue-type": "quorum"%s}}' "$1" "$2"
}
bound() { # where the hash leads
  told=$(ctl list_bindings source_name destination_name --no-table-headers </dev/null) || exit 1
  echo "$told" | awk -F '\t' -v from="facts.$name" '$1 == from {print $2}' | sort
}
queues() { # partitions and how many messages are in them, also those that a reader has not acknowledged
  told=$(ctl list_queues name messages --no-table-headers </dev/null) || exit 1
  echo "$told" | awk -F '\t' -v from="facts.$name." \
    'index($1, from) == 1 && substr($1, length(from) + 1) ~ /^[0-9]$/'
}

wanted=$(i=0; while [ "$i" -lt "$count" ]; do echo "facts.$name.$i"; i=$((i + 1)); done)
had=$(bound)
if [ "$had" != "$wanted" ] || [ -z "$had" ]; then
  there=$(queues)
  if [ -n "$there" ]; then
    events '[]'
    echo "stopped at $(date -u +%Y-%m-%dT%H:%M:%SZ): what is recorded from now on is read from the logs"
    sleep 11 # quorum queues tell every five seconds how many messages they have
    while there=$(queues); left=$(echo "$there" | awk '$2 != "0" {print $1 " (" $2 ")"}'); [ -n "$left" ]; do
      echo "waiting for the readers of" $left
      sleep 5
    done
  fi
  for old in $(echo "$there" | cut -f1); do
    echo "$wanted" | grep -qx "$old" || ctl delete_queue "$old" >/dev/null
  done
  rows=$(queue "facts.$name.dead" '')
  for one in $wanted; do
    rows="$rows, $(queue "$one" ", \"x-single-active-consumer\": true, \"x-delivery-limit\": 20,
      \"x-dead-letter-exchange\": \"\", \"x-dead-letter-routing-key\": \"facts.$name.dead\"")"
  done
  printf '{"exchanges": [{"name": "facts.%s", "vhost": "/", "type": "x-consistent-hash", "durable": true,
    "auto_delete": false, "internal": true, "arguments": {"hash-header": "ce-subject"}}], "queues": [%s]}' \
    "$name" "$rows" >"$definitions"
  ctl import_definitions "$definitions" >/dev/null
  # In the order of their names: one more then takes streams from all, and between these none moves.
  ctl eval "S = $(r exchange "facts.$name"),
    [ok = rabbit_binding:remove(B, <<\"operator\">>) || B <- rabbit_binding:list_for_source(S)],
    [ok = rabbit_binding:add({binding, S, <<\"1\">>, rabbit_misc:r(<<\"/\">>, queue, Q), []}, <<\"operator\">>)
      || Q <- $(of '<<"' '">>' $wanted)]." >/dev/null
fi

events "$(of '<<"' '">>' "$@")"
if [ "$count" -gt 0 ]; then
  echo "going on at $(date -u +%Y-%m-%dT%H:%M:%SZ) with $count partitions"
fi
