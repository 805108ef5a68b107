"""The words that a question admits are those that are recorded."""

from services.cases.readmodel import SETS
from services.catalog.domain import folder_tables
from shared.contracts import asked_cases
from shared.contracts.delegation_fields import FACETS


def test_every_facet_that_a_programme_may_name_can_be_asked_about():
    assert FACETS == folder_tables.FACETS


def test_every_state_of_a_case_can_be_asked_for():
    recorded = {row["state"].removeprefix("=") for row in SETS.values() if "state" in row}

    assert recorded | {"submitted", "prelim_reviewed"} == set(asked_cases.STATES)
