#!/bin/sh
# Facts of a county on the city's broker. Both brokers have the plugins of enabled_plugins.
#   sh federation.sh county NAME 'JURISDICTION|…' <password   at the county: the user for the city's link
#   sh federation.sh city JURISDICTION <uri                   at the city: exchange fuquan.events.JURISDICTION
# The URI comes on standard input, since a password in the arguments would show in the list of processes:
# amqp://NAME:password@county:5672/%2F; to a broker with rabbitmq-tls.conf, with the files of `certificates.sh … client NAME`
# at the city's broker, amqps://county:5671/%2F?cacertfile=…&certfile=…&keyfile=…&verify=verify_peer&auth_mechanism=external.
# Facts come over as they are; a county's exchange is not the city's own fuquan.events, where the city's services follow
# the city's logs.
#   RABBITMQ_NODE   the broker's node (default rabbit@rabbitmq)
#   RABBITMQCTL     the tool (default rabbitmqctl)
set -eu
export RABBITMQ_NODENAME="${RABBITMQ_NODE:-rabbit@rabbitmq}"
ctl() { "${RABBITMQCTL:-rabbitmqctl}" "$@"; }
usage() {
  echo "usage: sh federation.sh county NAME 'JURISDICTION|…' <password" >&2
  echo "       sh federation.sh city JURISDICTION <uri" >&2
  exit 2
}
[ $# -ge 2 ] || usage
role=$1 name=$2
case $name in *[!A-Za-z0-9-]*|'') echo "letters, digits and hyphens: $name" >&2; exit 2;; esac

case $role in
county)
  [ $# -eq 3 ] || usage
  if ctl list_users --no-table-headers </dev/null | cut -f1 | grep -qx "$name"; then
    ctl change_password "$name"
  else
    ctl add_user "$name"
  fi
  link='federation: fuquan\.events -> .*'
  ctl set_permissions -p / "$name" "^$link\$" "^$link\$" "^($link|fuquan\\.events)\$"
  ctl set_topic_permissions -p / "$name" fuquan.events '^$' "^($3)\\..*\$"
  ;;
city)
  read -r uri
  # the link keeps what the city has not taken yet for a week; the log has the rest
  ctl set_parameter -p / federation-upstream "county-$name" "{\"uri\": \"$uri\", \"exchange\": \"fuquan.events\",
    \"ack-mode\": \"on-confirm\", \"prefetch-count\": 500, \"reconnect-delay\": 5, \"expires\": 604800000}"
  ctl set_policy -p / --apply-to exchanges "county-$name" "^fuquan\\.events\\.$name\$" \
    "{\"federation-upstream\": \"county-$name\"}"
  ctl eval "rabbit_exchange:declare(rabbit_misc:r(<<\"/\">>, exchange, <<\"fuquan.events.$name\">>), topic,
    true, false, false, [], <<\"operator\">>)." >/dev/null
  ;;
*) echo "county or city, not $role" >&2; exit 2 ;;
esac
