"""Auditors' pages over real books: holders, differences, events with their proof, downloads."""

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from flask.testing import FlaskClient

from services.gateway.app import make_app
from services.gateway.tokens import issue
from shared.export.check import checked
from shared.export.read import opened
from shared.log.proof import Proof
from shared.log.tree import leaf_hash
from shared.settings import Settings
from tests.exporting import behind_gateway, recorded, tampered, trusted
from tests.unit.gateway.test_gateway_pages import Page
from tests.unit.gateway.test_gateway_timelines import Cells
from tests.unit.ledger.books import CENTRE, TOWN, Books
from tests.unit.ledger.planted import ITEM

ASKED = f"/audit?item={ITEM}&town={TOWN}&at=2023-09-01"
DECIDED_IN_TOWN = ("决定 decide", "镇街 town不跨镇街 no")
PAGES = (
    "/audit", ASKED, f"{ASKED}&known_at=2023-07-01", f"{ASKED}&at2=2024-06-01&known_at2=2024-06-01",
    "/audit/verify", "/audit/verify?source=cases", "/audit/events/delegation/0",
    "/audit/events/delegation/3", f"/audit/answers/holders?item={ITEM}&at=2023-09-01",
    f"/audit/answers/timeline?item={ITEM}", "/audit/answers/prove", "/audit/answers/status",
    "/audit/answers/authority_check",
    f"/audit/answers/history?item={ITEM}&town={TOWN}&facet=decide",
)


@pytest.fixture(scope="module")
def books(migrated: Settings) -> Iterator[Books]:
    books = recorded(migrated)
    yield books
    books.close()


@pytest.fixture(scope="module")
def client(books: Books, settings: Settings) -> FlaskClient:
    """The gateway in front of the ledger, with an auditor signed in as a browser does."""
    client = make_app(behind_gateway(books), settings).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = basic(settings, "auditor")
    return client


def basic(settings: Settings, role: str) -> str:
    token = issue(settings, "MD2023", role, "op-9", 1)
    return f"Basic {b64encode(f'any:{token}'.encode()).decode()}"


def rows(page: str, caption: str) -> list[dict[str, str]]:
    """The rows of the table with that caption, by heading."""
    table = page.split(f"<caption>{caption}", 1)[1].split("</table>", 1)[0]
    heads, *told = Cells(table).rows
    return [dict(zip(heads, row, strict=True)) for row in told]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_well_formed_chinese_with_english_and_without_script(
    client: FlaskClient, path: str
):
    answer = client.get(path)
    page = Page(answer.text)

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert {"main", "h1", "nav"} <= page.tags
    assert page.tags.isdisjoint({"script", "style", "iframe", "img"})
    assert "style=" not in answer.text
    assert '<small lang="en">' in answer.text
    assert answer.text.count("<table") == answer.text.count("<caption>")
    assert [link for link in page.links if link.startswith("http")] == []


@pytest.mark.parametrize("path", [*PAGES, "/audit/answers/prove.xlsx", "/audit/nowhere"])
def test_whoever_has_no_token_is_asked_for_it_by_the_browser(client: FlaskClient, path: str):
    answer = client.get(path, headers={"Authorization": ""})

    assert (answer.status_code, answer.json["code"]) == (401, "auth.sign-in")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="fuquan", charset="UTF-8"'


@pytest.mark.parametrize("sent", ["Basic ?", "Basic YTpi", "Basic /w==", "Bearer x", "Basic"])
def test_a_wrong_sign_in_is_no_sign_in(client: FlaskClient, sent: str):
    assert client.get("/audit", headers={"Authorization": sent}).status_code == 401


def test_a_program_comes_with_the_token_of_the_api(client: FlaskClient, settings: Settings):
    token = issue(settings, "MD2023", "reader", "op-9", 1)

    answer = client.get("/audit/answers/status", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200


def test_the_pages_sign_in_opens_no_door_of_the_api(client: FlaskClient, settings: Settings):
    answer = client.get("/api/ledger/status", headers={"Authorization": basic(settings, "officer")})

    assert (answer.status_code, answer.json["code"]) == (401, "auth.token-missing")


@pytest.mark.rule("R065")
@pytest.mark.rule("R222")
def test_the_holders_are_told_as_of_the_day_and_as_known_on_another(client: FlaskClient):
    now = rows(client.get(ASKED).text, "食品经营许可")
    then = rows(client.get(f"{ASKED}&known_at=2023-07-01").text, "食品经营许可")

    (row,), (known,) = (
        [row for row in told if (row["权能facet"], row["受理filed at"]) == DECIDED_IN_TOWN]
        for told in (now, then)
    )
    assert row["单位organ"].startswith("沙土镇便民服务中心")
    assert (row["自from"], row["至（不含）to"]) == ("2023-08-01 00:00", "2024-03-01 00:00")
    assert (known["自from"], known["至（不含）to"]) == ("2023-07-01 00:00", "—")
    assert row["依据的事实events"] == "delegation 0delegation 2"


def test_an_item_or_town_can_be_named(client: FlaskClient):
    page = client.get("/audit?item=食品经营许可&town=沙土镇&at=2023-09-01").text

    assert "delegation 0" in page


def test_the_department_answers_where_no_town_is_chosen(client: FlaskClient):
    told = rows(client.get(f"/audit?item={ITEM}&at=2023-09-01").text, "食品经营许可")

    assert {row["方式mode"] for row in told} == {"本级职权"}
    assert {row["单位organ"] for row in told} == {"区行政审批服务局own"}


def test_the_difference_of_two_days_says_what_began_ended_and_changed(client: FlaskClient):
    effective = client.get(f"{ASKED}&at2=2024-04-01").text
    known = client.get(f"{ASKED}&known_at=2023-09-10&known_at2=2024-01-04").text

    ended = [row["变化change"] for row in rows(effective, "共5处不同")]
    changed = rows(known, "共5处不同")
    assert ended == ["终止 ended"] * 5
    assert [row["变化change"] for row in changed] == ["变化 changed"] * 5
    assert changed[0]["内容what"] == (
        "effective_from：2023-07-01 00:00 → 2023-08-01 00:00effective_to：— → 2024-03-01 00:00"
    )


def test_two_days_with_the_same_holders_are_said_to_be_the_same(client: FlaskClient):
    assert "两时点相同" in client.get(f"{ASKED}&at2=2023-10-01").text


def test_every_row_leads_to_its_events_and_to_every_format(client: FlaskClient):
    links = Page(client.get(ASKED).text).links

    assert {"/audit/events/delegation/0", "/audit/events/delegation/2"} <= set(links)
    files = [link.partition("?")[0] for link in links if link.startswith("/audit/answers/holders.")]
    assert files == [
        f"/audit/answers/holders.{form}" for form in ("xlsx", "csv", "jsonl", "pdf", "parquet")
    ]


def test_every_link_of_an_answer_leads_somewhere(client: FlaskClient):
    links = {link for link in Page(client.get(ASKED).text).links if link.startswith("/audit")}

    statuses = {link: client.get(link).status_code for link in links}

    assert statuses == dict.fromkeys(links, 200)


def test_the_timeline_of_the_item_is_drawn(client: FlaskClient):
    assert "<svg" in client.get(ASKED).text


@pytest.mark.parametrize("asked", ["item=MD23-99", f"item={ITEM}&town=MD2023-TOWN-77"])
def test_what_is_not_registered_is_said_beside_the_form(client: FlaskClient, asked: str):
    answer = client.get(f"/audit?{asked}")

    assert answer.status_code == 404
    assert '<p role="status"><strong>' in answer.text
    assert "<form" in answer.text


@pytest.mark.parametrize("asked", [f"item={ITEM}&at=soon", f"item={ITEM}&known_at2=2024-02-30"])
def test_a_wrong_day_is_the_callers_mistake(client: FlaskClient, asked: str):
    answer = client.get(f"/audit?{asked}")

    assert (answer.status_code, answer.json["code"]) == (400, "request.invalid")


def test_an_event_is_shown_verified_with_bytes_and_proof_to_take_away(
    client: FlaskClient, books: Books
):
    page = client.get("/audit/events/delegation/0").text
    envelope = client.get("/audit/events/delegation/0/envelope").data
    proof = Proof.parse(client.get("/audit/events/delegation/0/proof").text)

    checkpoint = proof.holds(
        leaf_hash(envelope), "fuquan/test/delegation", trusted(books)["delegation"]
    )
    assert "已核验：该事实载于已签名的日志" in page
    assert checkpoint.root.hex() in page
    assert (proof.index, checkpoint.size) == (0, 3)
    told = {row["字段field"]: row["值value"] for row in rows(page, "登记的全部字段")}
    assert (told["type"], told["item_id"]) == ("delegation.ItemDelegated", ITEM)


def test_an_event_that_is_not_signed_yet_says_so(client: FlaskClient):
    page = client.get("/audit/events/delegation/3")
    proof = client.get("/audit/events/delegation/3/proof")

    assert "尚未签名" in page.text
    assert (proof.status_code, proof.json["code"]) == (404, "gateway.not-signed")


@pytest.mark.parametrize("place", ["delegation/99", "nothing/0", f"cases/{2**63}"])
def test_an_event_that_is_not_there_is_not_found(client: FlaskClient, place: str):
    answer = client.get(f"/audit/events/{place}")

    assert (answer.status_code, answer.json["code"]) == (404, "gateway.unknown-event")


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl", "parquet"])
def test_a_download_holds_when_it_is_checked_offline(
    client: FlaskClient, books: Books, tmp_path: Any, suffix: str
):
    answer = client.get(f"/audit/answers/holders.{suffix}?item={ITEM}&town={TOWN}&at=2023-09-01")

    name = answer.headers["Content-Disposition"].partition('filename="')[2].rstrip('"')
    (tmp_path / name).write_bytes(answer.data)
    found = checked(opened(tmp_path / name), trusted(books))
    assert (found.door, found.rows) == ("holders", 5 + 9)  # by grant; the department's own
    assert found.asked["at"] == "2023-08-31T16:00:00+00:00"


def test_a_workbook_and_an_archive_are_what_their_names_say(client: FlaskClient):
    asked = f"item={ITEM}&town={TOWN}&at=2023-09-01"
    book = openpyxl.load_workbook(BytesIO(client.get(f"/audit/answers/holders.xlsx?{asked}").data))
    with ZipFile(BytesIO(client.get(f"/audit/answers/holders.csv?{asked}").data)) as archive:
        names = archive.namelist()

    assert CENTRE in [row[5] for row in book["答案"].iter_rows(values_only=True)]
    assert names == ["holders.csv", "holders.csv.proof.json"]


@pytest.mark.parametrize(
    ("path", "code", "there_is"),
    [
        ("/audit/answers/do", "gateway.unknown-question", "holders、"),
        ("/audit/answers/holders.exe?item=MD23-04", "gateway.unknown-format", "xlsx、csv"),
        ("/audit/verify?source=gateway", "gateway.unknown-log", "catalog、"),
        ("/log/gateway/checkpoint", "gateway.unknown-log", "catalog、"),
    ],
)
def test_what_there_is_not_is_not_found_and_what_there_is_is_told(
    client: FlaskClient, path: str, code: str, there_is: str
):
    answer = client.get(path)

    assert (answer.status_code, answer.json["code"]) == (404, code)
    assert there_is in answer.json["detail"]


def test_a_question_without_what_it_needs_is_told_field_by_field(client: FlaskClient):
    answer = client.get("/audit/answers/holders?item=MD23-04")

    assert (answer.status_code, list(answer.json["errors"])) == (400, ["at"])


def test_the_verify_button_names_the_first_bad_position(client: FlaskClient, books: Books):
    sound = client.get("/audit/verify").text

    with tampered(books):
        page = client.get("/audit/verify").text
        event = client.get("/audit/events/catalog/1").text

    assert "各日志相符" in sound
    assert "有日志不符" in page
    (bad,) = [row for row in rows(page, "核验结果") if row["结果result"].startswith("✗")]
    assert (bad["日志log"], bad["首错first bad"][0]) == ("catalog", "1")
    assert "不符：该事实不在已签名的日志中" in event
