"""The public pages: a town's list for everyone, without a token, a script or a cookie."""

from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from tests.unit.gateway.backend import PUBLISHED, Backend

VOID = {"meta", "link", "br", "input"}


class Page(HTMLParser):
    """Tags that were opened and not closed, ids, and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links += [named["href"] or ""] if "href" in named else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", ["/", "/towns", "/towns/MD2023-TOWN-11", "/docs"])
def test_a_page_is_well_formed_chinese_and_without_script(client: FlaskClient, path: str):
    answer = client.get(path)
    page = Page(answer.text)

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert '<html lang="zh-CN">' in answer.text
    assert {"main", "h1", "header", "nav"} <= page.tags
    assert page.tags.isdisjoint({"script", "style", "iframe", "img"})
    assert [link for link in page.links if link.startswith("http")] == []
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/towns", "/towns/MD2023-TOWN-11", "/docs", "/nowhere"])
def test_a_page_may_load_nothing_but_our_own_style(client: FlaskClient, path: str):
    policy = client.get(path).headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.rule("R105")
def test_a_towns_page_says_what_where_who_decides_whose_seal_and_who_supervises(
    client: FlaskClient,
):
    page = client.get("/towns/MD2023-TOWN-11").text

    assert "沙土镇赋权事项清单" in page
    assert "公共场所卫生许可（不含饭馆）" in page
    assert "<td>委托办理</td>" in page
    assert "<td>沙土镇便民服务中心；区行政审批服务局</td>" in page
    assert "跨镇街事务：区行政审批服务局" in page
    assert "以区行政审批服务局名义" in page
    assert "<td>2号公章</td>" in page
    assert "<td>区卫生健康局</td>" in page


@pytest.mark.rule("R105")
def test_a_towns_page_says_that_a_newer_version_waits(client: FlaskClient):
    page = client.get("/towns/MD2023-TOWN-11").text

    assert "第2版；第3版已批准，尚待公布" in page


def test_a_day_of_publication_is_the_day_in_china(client: FlaskClient):
    page = client.get("/towns/MD2023-TOWN-11").text

    assert '<time datetime="2023-12-31T16:30:00+00:00">2024-01-01</time>' in page


def test_a_town_without_a_published_list_says_where_to_go(client: FlaskClient, backend: Backend):
    backend.answers["published_list"] = PUBLISHED | {
        "list_version": None, "published": [], "decision": None, "entries": [],
    }

    page = client.get("/towns/MD2023-TOWN-11").text

    assert "该镇街的清单尚未公布；在此之前，请向原办理部门申请。" in page
    assert "<table>" not in page


def test_a_name_from_the_outside_stays_text(client: FlaskClient, backend: Backend):
    backend.answers["towns"] = [
        {"town_id": "MD2023-TOWN-11", "name": "<script>alert(1)</script>", "recipient": True}
    ]

    page = client.get("/towns").text

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.rule("R004")
def test_only_recipients_are_listed(client: FlaskClient):
    page = client.get("/towns?programme=MD2023").text

    assert "沙土镇" in page
    assert "某镇" not in page


@pytest.mark.parametrize("path", ["/towns/XX-1", "/towns?programme=XX2024"])
def test_what_is_unknown_is_not_found(client: FlaskClient, path: str):
    answer = client.get(path)

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_browser_gets_a_page_for_an_error(client: FlaskClient):
    answer = client.get("/towns/XX-1", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert "没有镇街：XX-1" in answer.text
    assert Page(answer.text).open == []


def test_health_and_style_need_nothing(client: FlaskClient):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/static/fuquan.css").status_code == 200
