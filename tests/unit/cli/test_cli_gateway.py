"""What the commands say when there is no answer, and with which code they end."""

import socket
from threading import Thread

import pytest

from services.gateway.tokens import issue
from shared.settings import Settings
from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import Desk


def test_where_no_gateway_is_the_reader_is_told_how_to_start_one(fuquan: Fuquan):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    ended = fuquan("programme", "list", "--url", url)

    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"No gateway at {url}; start `fuquan up` or `fuquan demo`")


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/"])
def test_an_address_that_is_none_is_said_to_be_none(fuquan: Fuquan, url: str):
    ended = fuquan("programme", "list", "--url", url)

    assert ended.exit_code == 2
    assert "Give an address such as http://127.0.0.1:8080" in ended.stderr


@pytest.mark.parametrize("token", ["", "a.b.c", "令牌", "two\nlines"])
def test_without_a_valid_token_the_reader_is_told_how_to_get_one(
    fuquan: Fuquan, monkeypatch: pytest.MonkeyPatch, token: str
):
    monkeypatch.setenv("FUQUAN_TOKEN", token)

    ended = fuquan("programme", "list")

    assert ended.exit_code == 2
    assert "`fuquan token --help`" in ended.stderr


def test_a_refusal_shows_its_sentence_its_code_and_its_facts(fuquan: Fuquan):
    asked = ("holders", "of", "XX-1", "--facet", "decide", "--at", "2023-07-01")

    ended = fuquan(*asked, "--programme", "XX2024")

    assert ended.exit_code == 1
    assert ended.stderr == (
        "依规则不予办理：未登记的实施方案：XX2024\n"
        "  code: register.unknown-programme\n"
        "  programme: XX2024\n"
    )


def test_a_wrong_field_is_named_and_is_no_refusal(fuquan: Fuquan):
    ended = fuquan("holders", "of", "x" * 201, "--facet", "decide", "--at", "2023-07-01")

    assert ended.exit_code == 2
    assert "  item: " in ended.stderr


def test_a_role_that_only_asks_may_not_import(
    fuquan: Fuquan, office: Settings, monkeypatch: pytest.MonkeyPatch, desk: Desk
):
    monkeypatch.setenv("FUQUAN_TOKEN", issue(office, "MD2023", "auditor", "op-9", 1))

    ended = fuquan("programme", "import", "services/catalog/programmes/MD2023")

    assert ended.exit_code == 1
    assert "auth.read-only" in ended.stderr
    assert desk.commands == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["text", "other JSON", "a proxy's error", "a redirection"],
)
def test_another_server_is_not_taken_for_the_gateway(fuquan: Fuquan, answer: bytes):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_answer_once, args=(server, answer))
        thread.start()

        ended = fuquan("programme", "list", "--url", f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()

    assert ended.exit_code == 2
    assert "is no Fuquan gateway" in ended.stderr


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)
