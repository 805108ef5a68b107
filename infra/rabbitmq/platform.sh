#!/bin/sh
# A user for another platform: sh platform.sh NAME 'JURISDICTION|…' <password. Safe to repeat.
# It may read facts of these jurisdictions, in queues facts.NAME.…, and send to fuquan.inbound, with
# answers in queues answers.NAME.…; the gateway's platforms.toml says for which organs.
#   RABBITMQ_NODE   the broker's node (default rabbit@rabbitmq)
#   RABBITMQCTL     the tool (default rabbitmqctl)
set -eu
export RABBITMQ_NODENAME="${RABBITMQ_NODE:-rabbit@rabbitmq}"
ctl() { "${RABBITMQCTL:-rabbitmqctl}" "$@"; }
[ $# -eq 2 ] || { echo "usage: sh platform.sh NAME 'JURISDICTION|…' <password" >&2; exit 2; }
name=$1 jurisdictions=$2
case $name in *[!A-Za-z0-9-]*|'') echo "a name has letters, digits and hyphens" >&2; exit 2;; esac

if ctl list_users --no-table-headers </dev/null | cut -f1 | grep -qx "$name"; then
  ctl change_password "$name"
else
  ctl add_user "$name"
fi
own="(answers|facts)\\.$name\\..*"
ctl set_permissions -p / "$name" "^$own\$" "^($own|fuquan\\.inbound)\$" "^($own|fuquan\\.events)\$"
ctl set_topic_permissions -p / "$name" fuquan.events '^$' "^($jurisdictions)\\..*\$"
ctl set_topic_permissions -p / "$name" fuquan.inbound '^(cases|supervision|fuquan)\.[A-Za-z]+$' '^$'
