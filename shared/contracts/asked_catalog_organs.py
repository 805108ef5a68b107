"""Requests at catalog's doors for what becomes of organs and towns."""

from shared.contracts.asked_catalog_fields import OfProgramme, day, key, one_of, text
from shared.contracts.requests import command

IN_EFFECT = "First day; not after the day on which it is recorded (生效日)"


class OfOrgan(OfProgramme):
    """A command on one organ."""

    org = key("Organ")
    effective_on = day(IN_EFFECT)


class OfTown(OfProgramme):
    """A command on one town."""

    town = key("Town")
    effective_on = day(IN_EFFECT)


@command("catalog", "rename_organ")
class RenameOrgan(OfOrgan):
    """Give an organ another name; the old one goes on meaning it (单位更名)."""

    name = text("Its full name from then on", longest=200)


@command("catalog", "resubordinate_organ")
class ResubordinateOrgan(OfOrgan):
    """Put an organ under another superior (调整隶属关系)."""

    superior = key("Superior organ; null: none", required=False)


@command("catalog", "merge_organ")
class MergeOrgan(OfOrgan):
    """Close an organ for ever; another stands for it from that day on (单位合并)."""

    into = key("Organ that takes over (承接单位)")


@command("catalog", "rename_town")
class RenameTown(OfTown):
    """Give a town another name; the old one goes on meaning it (镇街更名)."""

    name = text("Its name from then on", longest=200)
    centre_name = text("New name of its centre; null: as it is", required=False, longest=200)
    department_name = text(
        "New name of its department; null: as it is", required=False, longest=200
    )


@command("catalog", "change_town_kind")
class ChangeTownKind(OfTown):
    """Make a town a sub-district, or the other way round (撤镇设街道)."""

    kind = one_of(("镇", "乡", "街道办事处"), "Its kind from then on")


@command("catalog", "merge_town")
class MergeTown(OfTown):
    """Close a town for ever; another stands for it from that day on (镇街合并)."""

    into = key("Town that takes over")
