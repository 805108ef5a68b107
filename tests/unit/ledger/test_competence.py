"""The proof of competence on histories of plain values: gaps, overlaps, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ledger.competence import prove
from services.ledger.findings import SENTENCES
from services.ledger.history import Act, Grant, History, Power, Row
from services.ledger.terms import FAR

DAY_0 = datetime(2023, 6, 30, 16, tzinfo=UTC)
ITEM, TOWN, OTHER = "MD23-04", "TOWN-1", "TOWN-2"
DEPARTMENT, CENTRE, ZONE = "DEPT", "TOWN-1-CENTRE", "ZONE"
KINDS = {
    DEPARTMENT: "department", ZONE: "zone_committee", TOWN: "镇", OTHER: "镇",
    CENTRE: "service_centre", "TOWN-2-CENTRE": "service_centre", "BUREAU": "approval_bureau",
    "STATION": "service_station",
}
TOWNS = {TOWN: TOWN, CENTRE: TOWN, OTHER: OTHER, "TOWN-2-CENTRE": OTHER}
POWER = Power("MD2023", ITEM, DEPARTMENT, DAY_0, 3)
HANDLING = (
    Row("accept", CENTRE, "any"), Row("decide", CENTRE, "no"), Row("decide", DEPARTMENT, "yes"),
    Row("seal", CENTRE, "no"), Row("liability", "seal_user", "no"),
)


def day(number: int) -> datetime:
    return DAY_0 + timedelta(days=number)


def granted(first: int, last: int | None, *, at: int, **how) -> Grant:
    """A grant in entrusted handling from day to day, recorded at a position."""
    plain = Grant(
        id=f"grant-{at}", programme="MD2023", item=ITEM, town=TOWN, scope=(), filed_at="town",
        exclusive=False, begins=day(first), ends=FAR if last is None else day(last), opened_by=at,
        begun_by=at, rows=HANDLING, decided_by=DEPARTMENT, roles=frozenset({"seal_user"}),
    )
    return replace(plain, **how)


def found(*grants: Grant, power: Power = POWER, acts: tuple[Act, ...] = ()):
    return prove(History(grants, (power,), acts, KINDS, TOWNS, {}, day(100)))


def short(finding):
    return (
        finding.code, (finding.since - DAY_0).days,
        None if finding.until is None else (finding.until - DAY_0).days, finding.position,
    )


@pytest.mark.rule("R064")
def test_a_power_that_nobody_granted_is_its_departments_and_nothing_is_missing():
    assert found() == []


@pytest.mark.rule("R065")
def test_a_grant_may_begin_at_the_instant_at_which_another_ends():
    assert found(granted(0, 10, at=5), granted(10, None, at=9)) == []


@pytest.mark.rule("R065")
def test_two_grants_at_once_are_an_overlap_caused_by_the_later_fact():
    overlap, crossing = found(granted(0, 10, at=5), granted(4, 20, at=9))

    assert short(overlap) == short(crossing) == ("two-deciders", 4, 10, 9)
    assert (overlap.cross_town, overlap.orgs) == ("no", (CENTRE,))
    assert (crossing.cross_town, crossing.orgs) == ("yes", (DEPARTMENT,))
    assert overlap.grants == ("grant-5", "grant-9")


@pytest.mark.rule("R222")
def test_an_overlap_that_a_correction_made_is_caused_by_the_correction():
    corrected = granted(4, None, at=9, begun_by=12)

    overlap, _ = found(granted(0, 10, at=5), corrected)

    assert short(overlap) == ("two-deciders", 4, 10, 12)


@pytest.mark.rule("R013")
def test_grants_for_different_parts_of_an_item_are_no_overlap():
    assert found(
        granted(0, None, at=5, scope=("甲", "乙")), granted(0, None, at=6, scope=("丙",))
    ) == []


@pytest.mark.rule("R013")
def test_grants_that_share_a_part_overlap_in_that_part_alone():
    overlap, _ = found(
        granted(0, None, at=5, scope=("甲", "乙")), granted(2, None, at=6, scope=("乙", "丙"))
    )

    assert (short(overlap), overlap.scope) == (("two-deciders", 2, None, 6), ("乙",))


@pytest.mark.rule("R066")
def test_a_mode_without_a_decider_across_towns_is_a_gap_for_those_matters_alone():
    (gap,) = found(granted(3, 8, at=5, rows=HANDLING[:2]))

    assert short(gap) == ("no-decider", 3, 8, 5)
    assert (gap.cross_town, gap.filed_at, gap.orgs) == ("yes", "town", ())


@pytest.mark.rule("R065")
def test_a_role_that_nobody_was_found_for_holds_nothing():
    rows = tuple(row._replace(org="town_centre") if row.org == CENTRE else row for row in HANDLING)

    gaps = found(granted(0, None, at=5, rows=rows, roles=frozenset({"town_centre", "seal_user"})))

    assert [(gap.code, gap.cross_town, gap.orgs) for gap in gaps] == [
        ("no-acceptor", "any", ("town_centre",)), ("no-decider", "no", ("town_centre",)),
    ]


@pytest.mark.rule("R064")
def test_beside_an_exclusive_transfer_no_other_grant_may_be_in_force():
    rows = (Row("accept", "BUREAU", "any"), Row("decide", "BUREAU", "any"))
    moved = granted(5, None, at=4, exclusive=True, filed_at="bureau", rows=rows, transfer=True)

    findings = found(moved, granted(0, 9, at=8))

    assert {short(one) for one in findings} == {("two-deciders", 5, 9, 8)}
    assert {(one.filed_at, one.cross_town) for one in findings} == {("town", "no"), ("town", "yes")}


@pytest.mark.rule("R064")
def test_an_owner_that_is_no_organ_leaves_the_departments_counter_empty():
    findings = found(power=replace(POWER, owner="NOBODY"))

    assert [(one.code, one.filed_at, one.source, one.position) for one in findings] == [
        ("no-acceptor", "district", "catalog", 3), ("no-decider", "district", "catalog", 3),
    ]


@pytest.mark.rule("R059")
@pytest.mark.parametrize("grantor", [TOWN, CENTRE, OTHER])
def test_a_grant_by_the_side_of_a_town_is_re_delegation(grantor: str):
    (finding,) = found(granted(0, 9, at=5, decided_by=grantor))

    assert (short(finding), finding.orgs) == (("redelegated", 0, 9, 5), (grantor,))


@pytest.mark.rule("R059")
def test_where_a_programme_lets_a_delegatee_grant_it_is_none():
    assert found(granted(0, 9, at=5, decided_by=TOWN, redelegable=True)) == []


@pytest.mark.rule("R059")
@pytest.mark.parametrize("holder", ["TOWN-2-CENTRE", "STATION", "some contractor"])
def test_another_town_a_station_or_a_contractor_can_hold_nothing(holder: str):
    rows = (*HANDLING, Row("preliminary_review", holder, "any"))

    (finding,) = found(granted(0, None, at=5, rows=rows))

    assert (finding.code, finding.facet, finding.orgs) == (
        "held-elsewhere", "preliminary_review", (holder,),
    )


@pytest.mark.rule("R005")
def test_a_zone_committee_holds_nothing():
    rows = (Row("accept", CENTRE, "any"), Row("decide", ZONE, "any"))

    (finding,) = found(granted(0, None, at=5, rows=rows))

    assert (finding.code, finding.facet) == ("zone-committee-holds", "decide")
    assert finding.orgs == (ZONE,)


@pytest.mark.rule("R005")
def test_an_act_of_a_zone_committee_is_found_and_anothers_is_not():
    acts = (
        Act("MD2023", ITEM, TOWN, ZONE, "decide", day(7), "cases", 30),
        Act("MD2023", ITEM, TOWN, CENTRE, "decide", day(7), "cases", 31),
    )

    (finding,) = found(granted(0, None, at=5), acts=acts)

    assert (short(finding), finding.source) == (("zone-committee-acted", 7, 7, 30), "cases")


def test_every_finding_has_its_sentence_and_tells_its_interval():
    overlap, _ = found(granted(0, 10, at=5), granted(4, 20, at=9))

    told = overlap.told({ITEM: "食品经营许可", TOWN: "沙土镇", CENTRE: "便民服务中心"}.get)

    assert told["zh"] == (
        "沙土镇（镇街受理、不跨镇街）“食品经营许可”同时有便民服务中心可以决定，请收回其一（R065）"
    )
    assert (told["from"], told["to"]) == (day(4), day(10))
    assert all("R" in sentence for sentence in SENTENCES.values())


# The sweep against looking at every day.

ACCEPTANCE = (Row("accept", CENTRE, "any"), Row("decide", DEPARTMENT, "any"))
ROWS = (HANDLING, HANDLING[:2], (), ACCEPTANCE)
SCOPES = ((), (), ("甲",), ("乙", "甲"))
GRANTS = st.lists(
    st.tuples(
        st.integers(0, 8), st.one_of(st.none(), st.integers(1, 6)), st.sampled_from(ROWS),
        st.sampled_from(SCOPES), st.booleans(),
    ),
    max_size=5,
)


def looked_at(grants: list[Grant], at: datetime) -> set[tuple[str, str, str]]:
    """What is wrong at one instant, by the words of the rule: (code, crossing, part)."""
    wrong = set()
    for part in ("", "甲", "乙"):
        force = [
            grant for grant in grants
            if grant.begins <= at < grant.ends and (not grant.scope or part in grant.scope)
        ]
        for cross in ("no", "yes"):
            held = {
                facet: [
                    row for grant in force for row in grant.rows
                    if row.facet == facet and row.cross_town in ("any", cross)
                ]
                for facet in ("accept", "decide")
            }
            if force and not held["accept"]:
                wrong.add(("no-acceptor", cross, part))
            if force and not held["decide"]:
                wrong.add(("no-decider", cross, part))
            if len(held["decide"]) > 1:
                wrong.add(("two-deciders", cross, part))
    return wrong


@pytest.mark.rule("R064")
@pytest.mark.rule("R065")
@settings(max_examples=300, deadline=None)
@given(rows=GRANTS)
def test_the_sweep_finds_what_looking_at_every_day_finds(rows):
    grants = [
        granted(
            first, None if length is None else first + length, at=position, rows=held,
            scope=scope, exclusive=exclusive,
        )
        for position, (first, length, held, scope, exclusive) in enumerate(rows)
    ]
    findings = found(*grants)

    for number in range(20):
        assert told_of(findings, grants, day(number)) == looked_at(grants, day(number))


def told_of(findings, grants: list[Grant], at: datetime) -> set[tuple[str, str, str]]:
    """What the findings say of one instant; no names: the rest, and all that is not set apart."""
    apart = {part for one in grants if one.begins <= at < one.ends for part in one.scope}
    return {
        (one.code, cross, part)
        for one in findings if one.since <= at and (one.until is None or at < one.until)
        for cross in (("no", "yes") if one.cross_town == "any" else (one.cross_town,))
        for part in one.scope or {"", "甲", "乙"} - apart
    }
