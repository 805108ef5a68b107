"""What a broker's URL may ask for, and how it reaches the client library."""

import ssl

import pytest

from shared.bus.broker import WrongAddress, address, connection
from shared.entrypoints import configuration
from shared.settings import Settings

TLS = "?cacertfile=/t/ca.pem&certfile=/t/c.pem&keyfile=/t/c.key&auth_mechanism=external"


def test_a_plain_url_is_what_it_was():
    assert address("amqp://relay:pw@rabbitmq:5672/") == {
        "hostname": "amqp://relay:pw@rabbitmq:5672/", "ssl": False, "login_method": "PLAIN",
    }


def test_the_broker_within_the_process_keeps_its_url():
    assert address("memory://")["hostname"] == "memory://"


def test_the_files_of_a_url_reach_the_tls_of_every_host():
    found = connection(f"amqps://a:5671//{TLS};amqps://b:5671//")

    assert found.alt == ["amqp://a:5671//", "amqp://b:5671//"]
    assert found.login_method == "EXTERNAL"
    assert found.ssl == {
        "ca_certs": "/t/ca.pem", "certfile": "/t/c.pem", "keyfile": "/t/c.key",
        "cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "a",
    }


def test_after_a_switch_the_next_host_is_asked_with_the_same_certificate():
    found = connection(f"amqps://a:5671//{TLS};amqps://b:5672//")

    found.maybe_switch_next()

    assert (found.hostname, found.port, found.login_method) == ("b", 5672, "EXTERNAL")
    assert found.ssl["certfile"] == "/t/c.pem"


def test_the_rpc_of_the_services_goes_the_same_way():
    told = configuration(Settings(amqp_url=f"amqps://a:5671//{TLS}"))

    assert (told["AMQP_URI"], told["LOGIN_METHOD"]) == ("amqp://a:5671//", "EXTERNAL")
    assert told["AMQP_SSL"]["keyfile"] == "/t/c.key"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("amqps://a//", "cacertfile"),
        ("amqps://a//?cacertfile=/ca&verify=verify_none", "unknown verify"),
        ("amqp://a//?cafile=/ca", "unknown cafile"),
        ("amqps://a//?cacertfile=/ca;amqp://b//", "all hosts"),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_with_what_to_write(url: str, why: str):
    with pytest.raises(WrongAddress, match=why):
        address(url)
