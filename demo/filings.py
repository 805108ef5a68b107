"""The applications that the scenario files: each is a `Story`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from demo import gz2020, md2023, sr2020
from demo.material import acceptor, content, items, towns
from demo.story import Story

RECALL_TOWN, EXPIRY_TOWN = "MD2023-TOWN-18", "MD2023-TOWN-07"


def _minutes(day: str, number: int) -> datetime:
    opening = datetime.fromisoformat(f"{day}T08:30:00+08:00")
    return opening + timedelta(days=number // 40, minutes=number % 40)


def stories() -> Iterator[Story]:
    """Every application of the day but the special turns."""
    yield from _st2021()
    yield from _md2023()
    yield from others()


def _st2021() -> Iterator[Story]:
    """Every item in every town, at the town's counter and by turns at the district's."""
    scopes = {row["item_id"]: row["subitem"] for row in reversed(content("ST2021")["scopes"])}
    number = 0
    for town in towns("ST2021"):
        for item in items("ST2021"):
            counters = [(acceptor("ST2021", item["mode"], town), "town")]
            if (item["seq"] + int(town["town_id"][-2:])) % 2:
                counters.append((item["granting_org_id"], "district"))
            for counter, place in counters:
                number += 1
                yield Story(
                    f"ST/{town['town_id'][-2:]}/{item['seq']}/{place}", "ST2021", item, counter,
                    town["town_id"], _minutes("2021-09-01", number),
                    subitem=scopes.get(item["item_id"]), deficient=number % 11 == 0,
                    ending=_ending(item, place, number),
                )


def _ending(item: dict[str, Any], place: str, number: int) -> str:
    """Some are denied, where the one who decides may look at the merits; some are withdrawn."""
    instant = item["outcome_kind"] in {"record", "answer"}
    on_merits = place == "district" or item["mode"] != "substantive_review"
    if number % 13 == 0 and not instant and on_merits:
        return "deny"
    return "withdraw" if number % 29 == 0 else "approve"


def _md2023() -> Iterator[Story]:
    """Sixteen applications in each of eighteen towns, some across towns, some at the district."""
    every = towns("MD2023")
    of_id = {item["item_id"]: item for item in items("MD2023")}
    number = 0
    for seq, town in enumerate(every, 1):
        neighbour = every[seq % len(every)]["town_id"]
        for place, (item, mode) in enumerate(sorted(md2023.chosen(seq).items())[:16]):
            number += 1
            crossing = place % 4 == 0
            at_district = place % 6 == 5
            owner = of_id[item]["granting_org_id"]
            yield Story(
                f"MD/{seq}/{item}", "MD2023", of_id[item],
                owner if at_district else acceptor("MD2023", mode, town), town["town_id"],
                _minutes("2023-09-01", number),
                towns=[town["town_id"], neighbour] if crossing else [town["town_id"]],
                deficient=number % 17 == 0, ending="withdraw" if number % 31 == 0 else "approve",
            )
        yield Story(
            f"MD/{seq}/crossing", "MD2023", of_id[md2023.CROSSING], f"{town['town_id']}-CENTRE",
            town["town_id"], _minutes("2023-10-09", seq), towns=[town["town_id"], neighbour],
        )


def others() -> Iterator[Story]:
    """The other three programmes; duplicates; what the recall and the expiry find open."""
    yield from _elsewhere()
    yield from _duplicates()
    yield from _left_open()


def _elsewhere() -> Iterator[Story]:
    """Conferral, the menu's direct items, the bureau after the transfer."""
    for number, item in enumerate(sr2020.CLAIMED):
        row = next(one for one in items("SR2020") if one["item_id"] == item)
        if row["outcome_kind"] is not None:
            yield Story(f"SR/{item}", "SR2020", row, sr2020.TOWN, sr2020.TOWN,
                        _minutes("2020-06-01", number))
    for number, item in enumerate(items("GZ2020")[:3]):
        yield Story(f"GZ/{item['item_id']}", "GZ2020", item, gz2020.BUREAU, gz2020.UNIT,
                    _minutes("2021-05-06", number), person=f"{number + 1:04}")
    town = towns("ZZ2021")[2]
    for number, item in enumerate(items("ZZ2021")[:1]):
        yield Story(f"ZZ/{item['item_id']}", "ZZ2021", item, town["town_id"], town["town_id"],
                    _minutes("2021-08-02", number))


def _duplicates() -> Iterator[Story]:
    """The same application at the town and, seconds later, at the district."""
    first = items("ST2021")[0]
    for seq, place in enumerate(towns("ST2021")[:6]):
        at = _minutes("2021-11-01", seq)
        yield Story(f"DUP/{seq}/town", "ST2021", first, place["town_id"], place["town_id"], at,
                    until="substantive_review", applicant=f"DUP-{seq}")
        yield Story(f"DUP/{seq}/district", "ST2021", first, first["granting_org_id"],
                    place["town_id"], at + timedelta(seconds=5), until="substantive_review",
                    applicant=f"DUP-{seq}")


def _left_open() -> Iterator[Story]:
    """Cases that pause, each before its review or its decision, until the power has gone."""
    of_id = {item["item_id"]: item for item in items("MD2023")}
    for number in range(4):
        until = "substantive_review" if number % 2 else "decide"
        yield Story(f"RECALL/{number}", "MD2023", of_id[md2023.RECALLED], f"{RECALL_TOWN}-CENTRE",
                    RECALL_TOWN, _minutes("2024-02-28", number), towns=[RECALL_TOWN], until=until)
        yield Story(f"EXPIRY/{number}", "MD2023", of_id["MD23-37"], f"{EXPIRY_TOWN}-CENTRE",
                    EXPIRY_TOWN, _minutes("2024-06-28", number), towns=[EXPIRY_TOWN], until=until)
