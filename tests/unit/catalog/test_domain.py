"""Catalog's aggregates by themselves: what they decide, and that a replay decides nothing."""

from datetime import UTC, date, datetime

import pytest

from services.catalog.domain.catalogue import Catalogue
from services.catalog.domain.item import Item, code_warning
from services.catalog.domain.organ import Directory
from services.catalog.domain.programme import Programme
from services.catalog.domain.publication import Publication
from services.catalog.domain.steps import steps
from shared.refusal import Refused
from tests.world import programme_content

NOON = datetime(2024, 3, 1, 4, tzinfo=UTC)
ROW = {
    "item_id": "ST21-09", "catalogue_id": "ST2021-CATALOGUE", "seq": 9, "code": "3700000131001",
    "name": "公司(企业)登记", "power_type": "行政许可", "domain": "approval",
    "power_level": "district", "field": None, "outcome_kind": "registration",
    "granting_org_id": "ST2021-ORG-07", "supervising_org_id": None, "mode": "window_forward",
    "note": None, "verb": "前移", "subitems": ["个人独资企业登记"], "exclusions": [],
}


def listed(**changed):
    return Item.enter(required=["code"], mode_zh="服务窗口前移", **(ROW | changed))


def names_of(aggregate):
    return [type(event).__name__ for event in aggregate.collect_events()]


def test_an_item_with_a_remark_is_listed_and_scoped_in_one_go():
    item = listed()

    assert item.pending_events[0].name_fullwidth == "公司（企业）登记"
    assert names_of(item) == ["ItemListed", "ItemScopeDefined"]


def test_an_item_without_remark_or_exclusion_has_no_scope():
    assert names_of(listed(subitems=[], verb=None)) == ["ItemListed"]


def test_enforcement_has_no_outcome_and_needs_none():
    assert names_of(listed(domain="enforcement", outcome_kind=None))[0] == "ItemListed"


def test_a_constraint_that_is_known_is_not_recorded_twice():
    item = listed()
    bar = {
        "kind": "entrust_forbidden", "norm_rank": "law", "article": "示例法第一条",
        "valid_from": date(2024, 1, 1), "valid_to": None,
    }

    item.record_constraint(**bar)
    item.record_constraint(**bar)

    assert names_of(item)[2:] == ["LegalConstraintRecorded"]


def test_limits_in_other_units_than_the_statutory_one_are_not_added_up():
    item = listed()
    item.set_limit(town=None, step="statutory", value=2, unit="working_day")

    item.set_limit(town=None, step="accept", value=24, unit="hour")

    assert names_of(item)[2:] == ["ItemTimeLimitSet", "ItemTimeLimitSet"]


@pytest.mark.parametrize(
    ("code", "power_type", "warning"),
    [
        ("3700000715006", "行政确认", None),
        ("3700000715006", "行政许可", "code_type_mismatch(07≠01)"),
        (None, "行政许可", None), ("3700000715006", "行政奖励", None),
    ],
)
def test_digits_seven_and_eight_of_a_code_say_the_power_type(code, power_type, warning):
    types = {"01": "行政许可", "05": "行政给付", "07": "行政确认", "20": "公共服务"}

    assert code_warning(code, power_type, types) == warning


def test_any_event_of_a_directory_may_come_first():
    directory = Directory.empty(Directory.create_id("371702"))

    directory.add_alias(jurisdiction="371702", org_id="X", alias="甲局", basis="abbreviation")

    assert (directory.version, names_of(directory)) == (1, ["DepartmentAliasAdded"])


def test_a_replay_from_the_first_event_gives_the_same_publication():
    publication = Publication.empty(Publication.create_id("MD2023", "MD2023-TOWN-08"))
    publication.publish(
        town="MD2023-TOWN-08", list_version=1, channel="网站", url=None, published_at=NOON,
        approved={1},
    )

    again = None
    for event in publication.collect_events():
        again = event.mutate(again)

    assert again.__dict__ | {"_created_on": None} == publication.__dict__ | {"_created_on": None}


def test_a_revised_list_goes_to_every_channel_of_the_last_one_and_only_forward():
    publication = Publication.empty(Publication.create_id("MD2023", "MD2023-TOWN-08"))
    for channel in ("山东政务服务网", "政府门户网站"):
        publication.publish(
            town="MD2023-TOWN-08", list_version=2, channel=channel, url=None, published_at=NOON,
            approved={2},
        )
    publication.collect_events()

    publication.republish(town="MD2023-TOWN-08", list_version=3, published_at=NOON)
    publication.republish(town="MD2023-TOWN-08", list_version=3, published_at=NOON)
    publication.republish(town="MD2023-TOWN-08", list_version=2, published_at=NOON)

    assert [event.channel for event in publication.collect_events()] == [
        "山东政务服务网", "政府门户网站"
    ]


def test_the_size_that_the_notice_states_binds_the_first_version_only():
    catalogue = Catalogue.empty(Catalogue.create_id("ST2021-CATALOGUE"))
    issue = {"catalogue_id": "ST2021-CATALOGUE", "instrument_ref": None, "stated_size": 2}

    with pytest.raises(Refused) as refused:
        catalogue.issue(version=1, item_ids=["a"], **issue)
    catalogue.issue(version=1, item_ids=["a", "b"], **issue)
    catalogue.issue(version=2, item_ids=["a", "b", "c"], **issue)

    assert refused.value.code == "catalog.size-differs"
    assert [event.size for event in catalogue.collect_events()] == [2, 3]


def test_a_recipient_that_was_removed_may_be_added_again():
    notice = next(steps(programme_content("ST2021"))).request
    programme = Programme.register(
        programme_id="ST2021", **notice | {"issued_on": date(2021, 6, 28)}
    )

    programme.add_recipient(town="ST2021-TOWN-01", from_=date(2021, 6, 28))
    programme.remove_recipient(town="ST2021-TOWN-01", to=date(2023, 1, 1), reason="撤并乡镇")
    programme.add_recipient(town="ST2021-TOWN-01", from_=date(2024, 1, 1))

    assert programme.recipients == {"ST2021-TOWN-01": date(2024, 1, 1)}
