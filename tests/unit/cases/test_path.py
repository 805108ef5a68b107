"""The way of a case by mode, as MODEL 3.3 has it; the facets are the programmes' own rows."""

from pathlib import Path

import pytest

from services.cases.domain.path import seal_kind, way
from services.catalog.domain import folder

FOLDERS = Path(folder.__file__).parent.parent / "programmes"
ORGANS = {
    "town": "town", "town_department": "town-dept", "town_centre": "centre",
    "town_window": "centre", "district_department": "district", "bureau": "bureau",
}


def grant_in(programme, mode, filed_at="town"):
    """A grant whose facets are the programme's rows for that mode."""
    rows = folder.load(FOLDERS / programme)["facets"]
    return {
        "grant_id": "g", "mode": mode, "scope": [], "exclusive": filed_at == "bureau",
        "started_at": None, "instrument": None, "position": 0,
        "facets": [
            {**row, "org_id": ORGANS.get(row["holder"], row["holder"]),
             "capacity": row["capacity"] or ""}
            for row in rows if row["mode"] == mode and row["filed_at"] == filed_at
        ],
    }


def steps(grant, *, cross_town=False):
    """The path as (step, organ)."""
    path = way(grant, owner="district", cross_town=cross_town, outcome_kind="approval")
    return [(step["step"], step["org_id"]) for step in path]


def test_direct_ends_in_the_town():
    assert steps(grant_in("ST2021", "direct")) == [
        ("accept", "town"), ("substantive_review", "town-dept"), ("decide", "town-dept"),
        ("seal", "town"), ("deliver", "town"),
    ]


def test_substantive_review_is_forwarded_after_the_opinion_and_issued_by_the_district():
    assert steps(grant_in("ST2021", "substantive_review")) == [
        ("accept", "town"), ("substantive_review", "town-dept"), ("forward", "town-dept"),
        ("receive", "district"), ("decide", "district"), ("seal", "district"),
        ("deliver", "town"),
    ]


def test_window_forward_passes_on_after_acceptance():
    assert steps(grant_in("ST2021", "window_forward")) == [
        ("accept", "centre"), ("forward", "centre"), ("receive", "district"),
        ("substantive_review", "district"), ("decide", "district"), ("seal", "district"),
        ("deliver", "centre"),
    ]


def test_entrusted_handling_of_one_town_ends_in_the_centre():
    assert steps(grant_in("MD2023", "entrusted_handling")) == [
        ("accept", "centre"), ("substantive_review", "centre"), ("decide", "centre"),
        ("seal", "centre"), ("deliver", "centre"),
    ]


def test_entrusted_handling_across_towns_is_forwarded_and_decided_by_the_district():
    assert steps(grant_in("MD2023", "entrusted_handling"), cross_town=True) == [
        ("accept", "centre"), ("forward", "centre"), ("receive", "district"),
        ("decide", "district"), ("seal", "district"), ("deliver", "centre"),
    ]


def test_entrusted_acceptance_is_pre_reviewed_then_forwarded():
    assert steps(grant_in("MD2023", "entrusted_acceptance")) == [
        ("accept", "centre"), ("preliminary_review", "centre"), ("forward", "centre"),
        ("receive", "district"), ("substantive_review", "district"), ("decide", "district"),
        ("seal", "district"), ("deliver", "centre"),
    ]


def test_what_is_filed_at_the_district_stays_there():
    assert steps(None) == [
        ("accept", "district"), ("substantive_review", "district"), ("decide", "district"),
        ("seal", "district"), ("deliver", "district"),
    ]


def test_what_is_transferred_is_the_bureaus_from_end_to_end():
    assert steps(grant_in("GZ2020", "transfer", "bureau")) == [
        ("accept", "bureau"), ("substantive_review", "bureau"), ("decide", "bureau"),
        ("seal", "bureau"), ("deliver", "bureau"),
    ]


def test_where_the_notice_names_no_seal_none_is_prescribed():
    assert steps(grant_in("SR2020", "conferral")) == [
        ("accept", "town"), ("substantive_review", "town"), ("decide", "town"),
        ("deliver", "town"),
    ]


@pytest.mark.parametrize(
    ("programme", "mode", "filed_at", "cross_town", "kind"),
    [
        ("ST2021", "direct", "town", False, "town_approval_seal"),
        ("ST2021", "substantive_review", "town", False, "department_seal"),
        ("ST2021", "window_forward", "town", False, "department_seal"),
        ("MD2023", "entrusted_handling", "town", False, "seal_no_2"),
        ("MD2023", "entrusted_handling", "town", True, "department_seal"),
        ("MD2023", "entrusted_acceptance", "town", False, "department_seal"),
        ("GZ2020", "transfer", "bureau", False, "bureau_approval_seal"),
        ("SR2020", "conferral", "town", False, None),
    ],
)
def test_each_mode_has_its_kind_of_seal(programme, mode, filed_at, cross_town, kind):
    grant = grant_in(programme, mode, filed_at)

    assert seal_kind(grant, owner="district", cross_town=cross_town) == kind


def test_the_district_seals_its_own_cases_with_its_own_seal():
    assert seal_kind(None, owner="district", cross_town=False) == "department_seal"
