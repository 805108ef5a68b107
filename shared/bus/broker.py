"""How every process reaches the broker: several hosts, TLS and client certificates by the URL."""

import ssl
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import amqp
from kombu import Connection, Exchange, Queue

from shared.settings import NotConfigured

# RabbitMQ's own names for what a URL may ask (https://www.rabbitmq.com/docs/uri-query-parameters),
# and what py-amqp calls them.
FILES = {"cacertfile": "ca_certs", "certfile": "certfile", "keyfile": "keyfile"}
MECHANISM = "auth_mechanism"
SERVER_NAME = "server_name_indication"
KNOWN = {*FILES, MECHANISM, SERVER_NAME}


class WrongAddress(NotConfigured):
    """An AMQP URL that cannot be meant; the message says what to write."""


def address(url: str) -> dict[str, Any]:
    """The arguments of a connection: `hostname`, `ssl`, `login_method`.

    With a CA the server's certificate must name ``server_name_indication``, or else the first
    host: in a cluster each node's certificate names all nodes.

    Args:
        url: ``amqp://…``, ``amqps://…?cacertfile=…&certfile=…&keyfile=…&auth_mechanism=external``,
            several of them with ``;`` between (the parameters of the first hold for all), or
            ``memory://``.

    Raises:
        WrongAddress: a parameter is unknown, or `amqps` comes without ``cacertfile``.
    """
    first, *_ = hosts = [urlsplit(one) for one in url.split(";")]
    asked = dict(parse_qsl(first.query))
    if unknown := asked.keys() - KNOWN:
        raise WrongAddress(
            f"FUQUAN_AMQP_URL: unknown {', '.join(sorted(unknown))};"
            f" there are {', '.join(sorted(KNOWN))}"
        )
    if {one.scheme == "amqps" for one in hosts} == {True, False}:
        raise WrongAddress("FUQUAN_AMQP_URL: all hosts with amqps://, or none")
    login = asked.get(MECHANISM, "plain").upper()
    plain = ";".join(_plain(one) for one in url.split(";"))
    if first.scheme != "amqps":
        return {"hostname": plain, "ssl": False, "login_method": login}
    if "cacertfile" not in asked:
        raise WrongAddress("FUQUAN_AMQP_URL: amqps:// wants ?cacertfile=…, the county's CA")
    return {
        "hostname": plain,
        "login_method": login,
        "ssl": {
            **{FILES[name]: asked[name] for name in FILES if name in asked},
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": asked.get(SERVER_NAME, first.hostname),
        },
    }


def _plain(url: str) -> str:
    """One host's URL as py-amqp reads it: TLS and parameters are told apart from it."""
    told, _, _ = url.partition("?")
    return told.replace("amqps://", "amqp://", 1)


def connection(url: str, **options: Any) -> Connection:
    """A connection to the first host that answers; made when it is first used.

    Raises:
        WrongAddress: see `address`.
    """
    options = {"connect_timeout": 5, **options}
    if ";" in url:  # one that swallows the call must not use up the time of the others
        enough = options["connect_timeout"] * (url.count(";") + 2)
        told = options.get("transport_options", {})
        options["transport_options"] = {**told, "connect_retries_timeout": enough}
    return Connection(**address(url), **options)


def stand(connection: Connection, *needed: Exchange | Queue) -> None:
    """See that these are there; who may only use them need not be allowed to make them.

    Raises:
        amqp.AMQPError, OSError: they are not, and may not be made; or the broker is away.
    """
    for one in needed:
        channel = connection.channel()
        if not isinstance(channel, amqp.Channel):
            one(channel).declare()
            continue
        try:
            _look(one, channel)
        except amqp.NotFound:
            one(connection.default_channel).declare()
        else:
            channel.close()


def _look(one: Exchange | Queue, channel: Any) -> None:
    if isinstance(one, Queue):
        one(channel).queue_declare(passive=True)
    else:
        one(channel).declare(passive=True)
