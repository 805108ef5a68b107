#!/bin/sh
# One user per process, with what it needs and no more. Safe to repeat: also changes passwords.
# All of it goes to the broker in one call, as definitions: each call of the tool takes a second.
# In a file: on standard input, the tool of RabbitMQ 4.0 waits for ever.
# Passwords: one file amqp_<user> each, in the folder SECRETS (default /run/secrets).
#   RABBITMQ_NODE   the broker's node (default rabbit@rabbitmq)
#   RABBITMQCTL     the tool (default rabbitmqctl)
set -eu
export RABBITMQ_NODENAME="${RABBITMQ_NODE:-rabbit@rabbitmq}"
secrets=${SECRETS:-/run/secrets}
uuid='[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

told=$(mktemp)
trap 'rm -f "$told"' EXIT
chown rabbitmq "$told" 2>/dev/null || true # where root runs this, Debian's tool becomes that user
users='' permissions='' topics=''
text() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; } # as JSON has it

user() { # name configure write read
  users="$users${users:+,}
    {\"name\": \"$1\", \"password\": $(text "$(cat "$secrets/amqp_$1")"), \"tags\": []}"
  permissions="$permissions${permissions:+,}
    {\"user\": \"$1\", \"vhost\": \"/\", \"configure\": $(text "$2"), \"write\": $(text "$3"), \"read\": $(text "$4")}"
}

topic() { # user exchange write read
  topics="$topics${topics:+,}
    {\"user\": \"$1\", \"vhost\": \"/\", \"exchange\": \"$2\", \"write\": $(text "$3"), \"read\": $(text "$4")}"
}

# Publishes every fact; makes and reads nothing.
user relay '^$' '^fuquan\.events$' '^$'
topic relay fuquan.events \
  '^[^.]+\.(catalog|delegation|cases|supervision)\.[A-Za-z]+$' '^$'

# Answers at its own doors, follows its own sources, publishes no fact. To declare its queue it must
# be let write to the exchange of dead letters; no routing key is let through there.
none='(?!)'
service() { # name sources
  own="nameko-rpc|rpc-$1|rpc\\.reply-($1|outside)-.*"
  user "$1" "^(fuquan\\.$1|$own)\$" "^(fuquan\\.($1|dead)|$own)\$" "^(fuquan\\.(events|$1)|$own)\$"
  topic "$1" fuquan.dead "$none" "$none"
  topic "$1" fuquan.events '^$' "^\\*\\.($2)\\.\\*\$"
  topic "$1" nameko-rpc "^($uuid|$1\\.healthy)\$" "^($uuid|$1\\.\\*)\$"
}
service catalog 'catalog|delegation'
service delegation 'catalog|delegation|cases'
service cases 'catalog|delegation|cases'
service supervision 'catalog|delegation|cases|supervision'
service ledger 'catalog|delegation|cases|supervision'

# Calls every door; takes in what other platforms send, and answers into queues of theirs.
own='nameko-rpc|fuquan\.inbound(\.refused)?|rpc-gateway|rpc\.reply-(gateway|outside)-.*'
user gateway "^($own)\$" "^($own|amq\.default)\$" "^($own)\$"
topic gateway nameko-rpc \
  "^($uuid|(catalog|delegation|cases|supervision|ledger)\\.[a-z_]+)\$" "^($uuid|gateway\\.\\*)\$"

printf '{"users": [%s], "permissions": [%s], "topic_permissions": [%s]}\n' "$users" "$permissions" "$topics" >"$told"
"${RABBITMQCTL:-rabbitmqctl}" import_definitions "$told"
