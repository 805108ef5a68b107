#!/bin/sh
# One user per process, with what it needs and no more. Safe to repeat: also changes passwords.
# Passwords: one file amqp_<user> each, in the folder SECRETS (default /run/secrets).
#   RABBITMQ_NODE   the broker's node (default rabbit@rabbitmq)
#   RABBITMQCTL     the tool (default rabbitmqctl)
set -eu
export RABBITMQ_NODENAME="${RABBITMQ_NODE:-rabbit@rabbitmq}"
secrets=${SECRETS:-/run/secrets}
# No options of our own: since RabbitMQ 4 a password is read from standard input after the user's name alone.
ctl() { "${RABBITMQCTL:-rabbitmqctl}" "$@"; }

uuid='[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

there=$(ctl list_users --no-table-headers | cut -f1)

user() { # name configure write read
  if echo "$there" | grep -qx "$1"; then
    ctl change_password "$1" <"$secrets/amqp_$1"
  else
    ctl add_user "$1" <"$secrets/amqp_$1"
  fi
  ctl set_permissions -p / "$1" "$2" "$3" "$4"
}

# Publishes every fact; makes and reads nothing.
user relay '^$' '^fuquan\.events$' '^$'
ctl set_topic_permissions -p / relay fuquan.events \
  '^[^.]+\.(catalog|delegation|cases|supervision)\.[A-Za-z]+$' '^$'

# Answers at its own doors, follows its own sources, publishes no fact. To declare its queue it must
# be let write to the exchange of dead letters; no routing key is let through there.
none='(?!)'
service() { # name sources
  own="nameko-rpc|rpc-$1|rpc\\.reply-($1|outside)-.*"
  user "$1" "^(fuquan\\.$1|$own)\$" "^(fuquan\\.($1|dead)|$own)\$" "^(fuquan\\.(events|$1)|$own)\$"
  ctl set_topic_permissions -p / "$1" fuquan.dead "$none" "$none"
  ctl set_topic_permissions -p / "$1" fuquan.events '^$' "^\\*\\.($2)\\.\\*\$"
  ctl set_topic_permissions -p / "$1" nameko-rpc "^($uuid|$1\\.healthy)\$" "^($uuid|$1\\.\\*)\$"
}
service catalog 'catalog|delegation'
service delegation 'catalog|delegation|cases'
service cases 'catalog|delegation|cases'
service supervision 'catalog|delegation|cases|supervision'
service ledger 'catalog|delegation|cases|supervision'

# Calls every door; takes in what other platforms send, and answers into queues of theirs.
own='nameko-rpc|fuquan\.inbound(\.refused)?|rpc-gateway|rpc\.reply-(gateway|outside)-.*'
user gateway "^($own)\$" "^($own|amq\.default)\$" "^($own)\$"
ctl set_topic_permissions -p / gateway nameko-rpc \
  "^($uuid|(catalog|delegation|cases|supervision|ledger)\\.[a-z_]+)\$" "^($uuid|gateway\\.\\*)\$"
