"""One partition of a consumer: each stream in order, and what is missing in it from the log.

FUQUAN_TOKEN=… python examples/partition.py amqp://mudan-xt:password@host:5672/ facts.mudan-xt.0 \
    http://host:8080 seen.db
"""

import json
import os
import sqlite3
import sys
from urllib.request import Request, urlopen

from kombu import Connection, Queue

broker, queue, gateway, file = sys.argv[1:]
token = {"Authorization": f"Bearer {os.environ['FUQUAN_TOKEN']}", "Prefer": "wait=30"}
# One database for all partitions: a stream may move from one to another.
database = sqlite3.connect(file, timeout=30, isolation_level=None)
database.execute("CREATE TABLE IF NOT EXISTS seen (log, stream, position, PRIMARY KEY (log, stream))")


def seen(log, stream):
    told = database.execute("SELECT position FROM seen WHERE log = ? AND stream = ?", (log, stream))
    return (told.fetchone() or [-1])[0]


def take(log, fact):
    """Whether there is nothing missing before this fact; then it is in effect, once."""
    stream, position = fact["subject"], fact["position"]
    with database:
        database.execute("BEGIN IMMEDIATE")  # how far the stream is, and what you do with the fact
        last = seen(log, stream)
        if fact["previous"] <= last < position:
            database.execute("REPLACE INTO seen VALUES (?, ?, ?)", (log, stream, position))
            print(fact["type"], position, stream, flush=True)
    return fact["previous"] <= last


def fetch(log, stream, last):
    first = seen(log, stream) + 1
    while first <= last:
        with urlopen(Request(f"{gateway}/events/{log}?from={first}", headers=token)) as answer:
            for fact in map(json.loads, answer):
                if fact["subject"] == stream and fact["position"] <= last:
                    take(log, fact)
            first = int(answer.headers["Next-Position"])


def arrived(body, message):
    fact = {name.removeprefix("ce-"): told for name, told in message.headers.items()}
    if not take(fact["source"], fact):
        fetch(fact["source"], fact["subject"], fact["position"])
    message.ack()


with Connection(broker) as connection, connection.Consumer(
    Queue(queue, no_declare=True), callbacks=[arrived], accept=["json"], prefetch_count=100
):
    while True:
        connection.drain_events()
