"""The templates that officials edit: they name only what is there, and give each its place."""

from pathlib import Path

import pytest
from docxtpl import DocxTemplate

from services.catalog.domain.folder import load
from services.delegation.readmodel import papers
from services.delegation.readmodel.papers import TEMPLATES, numeral
from shared.contracts.envelope import instant

PROGRAMMES = Path("services/catalog/programmes")
OF_AGREEMENT = {
    "programme", "agreement", "parties", "articles", "items", "term_from", "term_to",
    "transfer_at", "signed_on", "filing", "filed_on",
}
OF_LIST = {"programme", "town", "list", "approved_by", "from_day", "reason", "entries"}


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.docx")), ids=lambda path: path.stem)
def test_a_template_names_only_what_the_paper_knows(template: Path):
    named = DocxTemplate(template).get_undeclared_template_variables()

    assert named - (OF_LIST if template.stem == "town_list" else OF_AGREEMENT) == set()


@pytest.mark.parametrize("folder", sorted(PROGRAMMES.iterdir()), ids=lambda path: path.name)
def test_every_kind_of_agreement_of_the_shipped_programmes_has_its_template(folder: Path):
    kinds = {mode["agreement_kind"] for mode in load(folder)["modes"]} - {None}

    assert {kind for kind in kinds if not (TEMPLATES / f"{kind}.docx").is_file()} == set()


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_articles_are_counted_in_chinese(number: int, written: str):
    assert numeral(number) == written


def test_a_moment_is_told_as_clocks_in_china_show_it():
    assert papers.moment(instant("2021-04-19T16:00:00+00:00")) == "2021年4月20日0时"
    assert papers.moment(instant("2021-04-20T08:30:00+08:00")) == "2021年4月20日8时30分"
