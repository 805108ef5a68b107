"""The public timelines: the picture inline, the same as a table beneath, also as known then."""

from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from shared.refusal import Refused
from tests.unit.gateway.backend import TIMELINE, Backend
from tests.unit.gateway.test_gateway_pages import Page

ITEM, TOWN = "/timeline/items/MD23-04", "/timeline/towns/MD2023-TOWN-11"


class Cells(HTMLParser):
    """The texts of a table's cells, row by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data.strip()


@pytest.mark.parametrize("path", [ITEM, TOWN, f"{ITEM}?known_at=2024-01-01"])
def test_a_timeline_is_a_well_formed_page_for_anyone_without_script(
    client: FlaskClient, path: str
):
    answer = client.get(path)
    page = Page(answer.text)

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert {"main", "h1", "svg", "figure", "table", "caption"} <= page.tags
    assert page.tags.isdisjoint({"script", "style", "iframe", "img"})
    assert "style=" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.rule("R065")
def test_the_table_beneath_has_what_the_picture_has(client: FlaskClient):
    heads, row = Cells(client.get(ITEM).text).rows

    assert dict(zip(heads, row, strict=True)) == {
        "镇街": "沙土镇限于：旅店", "方式": "委托办理", "自": "2023-07-01",
        "至（不含）": "2024-03-01 10:30效果不好", "受理": "沙土镇便民服务中心", "审核": "—",
        "决定": "沙土镇便民服务中心跨镇街事务：区行政审批服务局",
        "用印": "沙土镇便民服务中心跨镇街事务：未载明", "依据": "赋权清单（2023-06-10）",
        "日志位置": "12–40",
    }


@pytest.mark.rule("R064")
def test_the_page_says_that_the_department_keeps_its_power(client: FlaskClient, backend: Backend):
    assert "镇街承接期间本级权力不变" in client.get(ITEM).text

    backend.answers["timeline"] = TIMELINE | {"owner_spans": [[None, "2023-06-30T16:00:00+00:00"]]}
    assert "镇街承接期间本级权力不变" not in client.get(ITEM).text


def test_an_open_grant_is_still_in_force(client: FlaskClient, backend: Backend):
    bar = TIMELINE["lanes"][0]["bars"][0] | {"to": None, "closed_by": None, "ended": None}
    backend.answers["timeline"] = TIMELINE | {
        "lanes": [TIMELINE["lanes"][0] | {"bars": [bar]}],
    }

    row = Cells(client.get(ITEM).text).rows[1]

    assert (row[3], row[-1]) == ("现行", "12")


def test_items_and_towns_lead_to_one_another_and_a_towns_list_to_its_timeline(
    client: FlaskClient, backend: Backend
):
    assert TOWN in Page(client.get(ITEM).text).links
    assert TOWN in Page(client.get("/towns/MD2023-TOWN-11").text).links

    of_town = {"of": "town", "id": "MD2023-TOWN-11", "owner": None, "owner_spans": []}
    lane = TIMELINE["lanes"][0] | {"id": "MD23-04"}
    backend.answers["timeline"] = TIMELINE | of_town | {"lanes": [lane]}
    links = Page(client.get(TOWN).text).links
    assert {ITEM, "/towns/MD2023-TOWN-11"} <= set(links)


def test_what_was_never_granted_says_where_to_go(client: FlaskClient, backend: Backend):
    backend.answers["timeline"] = TIMELINE | {"lanes": []}

    page = client.get(ITEM).text

    assert "没有镇街承接过该事项；请向本级部门申请。" in page
    assert "<table" not in page


@pytest.mark.parametrize("known_at", ["2024-01-01", "2023-12-31T16:00:00Z"])
def test_a_day_and_an_instant_are_asked_as_instants(
    client: FlaskClient, backend: Backend, known_at: str, monkeypatch: pytest.MonkeyPatch
):
    asked: list[dict[str, str]] = []
    answer = Backend.__call__
    monkeypatch.setattr(
        Backend, "__call__",
        lambda self, *of, request, **told: asked.append(request) or answer(
            self, *of, request=request, **told
        ),
    )

    client.get(TOWN, query_string={"known_at": known_at})

    assert asked == [{"town": "MD2023-TOWN-11", "known_at": "2023-12-31T16:00:00+00:00"}]


@pytest.mark.parametrize("known_at", ["soon", "2024-02-30", "2024-01-01T00:00:00", "0001-01-01"])
def test_a_wrong_time_is_the_callers_mistake(client: FlaskClient, known_at: str):
    answer = client.get(ITEM, query_string={"known_at": known_at})

    assert (answer.status_code, answer.json["code"]) == (400, "request.invalid")


def test_a_browser_is_told_which_field_is_wrong_and_why(client: FlaskClient):
    answer = client.get(ITEM, query_string={"known_at": "soon"}, headers={"Accept": "text/html"})

    assert "<code>known_at</code>" in answer.text
    assert "Not a day, nor an instant with its zone." in answer.text
    assert Page(answer.text).open == []


@pytest.mark.parametrize(
    ("path", "code"), [(ITEM, "register.unknown-item"), (TOWN, "register.unknown-town")]
)
def test_what_is_not_registered_is_not_found(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str, code: str
):
    def unknown(*_: object, **__: object) -> None:
        raise Refused(code, {}, "未登记")

    monkeypatch.setattr(Backend, "__call__", unknown)

    answer = client.get(path, headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert Page(answer.text).open == []


def test_a_name_from_the_outside_stays_text(client: FlaskClient, backend: Backend):
    lane = TIMELINE["lanes"][0] | {"name": "<script>alert(1)</script>"}
    backend.answers["timeline"] = TIMELINE | {"lanes": [lane]}

    page = client.get(ITEM).text

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
