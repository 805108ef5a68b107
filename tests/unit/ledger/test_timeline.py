"""The timeline of an item and of a town, from the logs: in words, as known then, and drawn."""

from collections.abc import Iterator

import pytest
from marshmallow import ValidationError

from shared.refusal import Refused
from shared.settings import Settings
from tests.unit.ledger import planted
from tests.unit.ledger.books import CENTRE, DEPARTMENT, TOWN, Books
from tests.unit.ledger.planted import ITEM, delegated, recalled


@pytest.fixture
def books(migrated: Settings) -> Iterator[Books]:
    """MD23-04 in the town from 2023-07-01 to 2024-03-01, and again from 2024-05-01."""
    books = planted.county(Books(migrated))
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    recalled(books, "first", "2024-03-01", at="2024-02-28")
    delegated(books, "second", "2024-05-01", at="2024-04-20")
    yield books
    books.close()


@pytest.mark.rule("R065")
def test_an_item_across_the_towns_is_told_grant_by_grant_by_name(books: Books):
    told = books.ask("timeline", item=ITEM)

    ((lane,), (mode,)) = told["lanes"], told["modes"]
    first, second = lane["bars"]
    assert (told["heading"], told["owner"]) == ("“食品经营许可”由谁行使", "区行政审批服务局")
    assert (told["until"], told["known_at"]) == ("2024-04-19T16:00:00+00:00", None)
    assert (lane["id"], lane["name"], mode["mode_zh"]) == (TOWN, "沙土镇", "委托办理")
    assert (first["from"], first["to"], first["ended"]) == (
        "2023-06-30T16:00:00+00:00", "2024-02-29T16:00:00+00:00", "效果不好",
    )
    assert (first["opened_by"], first["closed_by"], second["opened_by"]) == (0, 1, 2)
    assert (second["to"], second["ended"]) == (None, None)
    assert [(one["zh"], one["orgs"], one["across_towns"]) for one in first["holders"]] == [
        ("受理", ["沙土镇便民服务中心"], None),
        ("决定", ["沙土镇便民服务中心"], ["区行政审批服务局"]),
        ("用印", ["沙土镇便民服务中心"], []),
    ]
    assert told["svg"].startswith("<svg ")
    assert "沙土镇：委托办理" in told["svg"]


def test_a_town_across_the_items_has_a_lane_for_each(books: Books):
    told = books.ask("timeline", town=TOWN)

    assert (told["heading"], told["owner"]) == ("沙土镇承接的事项", None)
    assert [(lane["id"], len(lane["bars"])) for lane in told["lanes"]] == [(ITEM, 2)]


@pytest.mark.rule("R222")
def test_as_known_before_the_recall_the_first_grant_goes_on(books: Books):
    told = books.ask("timeline", item=ITEM, known_at="2024-01-01T00:00:00+08:00")

    (bar,) = told["lanes"][0]["bars"]
    assert (bar["to"], bar["closed_by"]) == (None, None)
    assert told["until"] == "2024-01-01T00:00:00+08:00"
    assert books.ask("timeline", item=ITEM, known_at="9998-12-31T00:00:00+08:00")["until"] == (
        "2024-04-19T16:00:00+00:00"
    )


def test_an_item_or_a_town_without_any_grant_has_no_lane(books: Books):
    assert books.ask("timeline", item="MD23-05")["lanes"] == []
    assert books.ask("timeline", town=planted.OTHER)["lanes"] == []


@pytest.mark.parametrize("asked", [{}, {"item": ITEM, "town": TOWN}])
def test_either_an_item_or_a_town_is_asked_for(books: Books, asked: dict[str, str]):
    with pytest.raises(ValidationError):
        books.ask("timeline", **asked)


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"item": "MD23-99"}, "register.unknown-item"), ({"town": "X"}, "register.unknown-town")],
)
def test_what_is_not_registered_has_no_timeline(books: Books, asked: dict[str, str], code: str):
    with pytest.raises(Refused) as refused:
        books.ask("timeline", **asked)

    assert refused.value.code == code


@pytest.mark.rule("R065")
def test_an_organ_can_be_asked_what_it_held_page_by_page(books: Books):
    asked = {"org": CENTRE, "at": "2023-09-01T00:00:00+08:00"}

    (first,) = books.ask("held_by", **asked, limit=1)
    rest = books.ask("held_by", **asked, beyond=first["place"])

    assert [(row["item_id"], row["town_id"], row["facet"]) for row in (first, *rest)] == [
        (ITEM, TOWN, "accept"), (ITEM, TOWN, "decide"), (ITEM, TOWN, "seal"),
    ]
    assert books.ask("held_by", **asked | {"at": "2024-04-01T00:00:00+08:00"}) == []


def test_a_department_is_told_its_own_power_too(books: Books):
    rows = books.ask("held_by", org=DEPARTMENT, at="2022-01-01T00:00:00+08:00")

    assert {(row["item_id"], row["grant_id"]) for row in rows} == {(ITEM, None), ("MD23-05", None)}


@pytest.mark.parametrize("beyond", ["", "granted.1", "own.1.2.3", "granted.1.2\n", "x.1.2"])
def test_a_place_that_was_never_told_is_refused(books: Books, beyond: str):
    with pytest.raises(ValidationError):
        books.ask("held_by", org=CENTRE, at="2023-09-01T00:00:00+08:00", beyond=beyond)
