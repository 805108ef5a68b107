"""The file that says which user of the broker speaks for whom."""

import re
from pathlib import Path

import pytest
from marshmallow import ValidationError

from services.gateway.platforms import FILE, Platforms, platforms_in
from shared.contracts.inbound import COMMANDS, REPLAY

GUIDE = (Path(__file__).parents[3] / "docs/guide/platforms.md").read_text("utf-8")


def test_the_guides_entry_is_one():
    entry = re.search(r"    \[mudan-xt\]\n(?:    .*\n)+", GUIDE)
    assert entry is not None

    (platform,) = platforms_in(re.sub(r"(?m)^    ", "", entry[0])).values()

    assert platform.orgs == ("MD2023-TOWN-11-CENTRE",)
    assert platform.jurisdictions == ("371702",)
    assert platform.types == ("cases.ApplicationSubmitted", REPLAY)


def test_the_guide_names_every_type_that_may_be_sent():
    table = GUIDE.partition("| type | what |")[2].partition("\n\n")[0]

    assert set(re.findall(r"`([\w.]+)`", table)) == {*COMMANDS, REPLAY}


def test_who_is_entered_may_do_what_the_entry_says_and_nobody_else_anything(tmp_path: Path):
    (tmp_path / FILE).write_text('[one]\norgs = ["A", "B"]\nrole = "desk"\n', "utf-8")

    found = Platforms(tmp_path).get("one")

    assert found is not None
    assert (found.orgs, found.role, found.jurisdictions) == (("A", "B"), "desk", ())
    assert set(found.types) == {*COMMANDS, REPLAY}
    assert Platforms(tmp_path).get("two") is None
    assert Platforms(tmp_path).get(None) is None


def test_a_change_counts_at_once_and_a_removed_file_admits_nobody(tmp_path: Path):
    file, platforms = tmp_path / FILE, Platforms(tmp_path)
    before = platforms.get("one")
    file.write_text('[one]\norgs = ["A"]\n', "utf-8")
    during = platforms.get("one")
    file.unlink()

    assert before is None
    assert during is not None
    assert platforms.get("one") is None


@pytest.mark.parametrize("wrong", ["[one", "[one]\norgs = []\n", "\udcff"])
def test_a_wrong_file_changes_nothing(wrong: str, tmp_path: Path):
    file, platforms = tmp_path / FILE, Platforms(tmp_path)
    file.write_text('[one]\norgs = ["A"]\n', "utf-8")
    before = platforms.get("one")
    file.write_bytes(wrong.encode("utf-8", "surrogateescape"))

    assert platforms.get("one") == before


@pytest.mark.parametrize("entry", [
    "[one]\n", '[one]\norgs = "A"\n', '[one]\norgs = ["A"]\nrole = "policy"\n',
    '[one]\norgs = ["A"]\nrole = "auditor"\n', '[one]\norgs = ["A"]\ntypes = ["cases.Abolished"]\n',
    '[one]\norgs = ["A"]\ncolour = "red"\n', '["a.b"]\norgs = ["A"]\n', "one = 3\n",
])
def test_a_wrong_entry_is_told(entry: str):
    with pytest.raises(ValidationError):
        platforms_in(entry)
