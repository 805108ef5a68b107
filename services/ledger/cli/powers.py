"""`fuquan holders`: who held which power, when, as known when; its proof, and its picture."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from services.ledger.cli.exports import Export, answered, write
from services.ledger.cli.words import At, Json, KnownAt, one_of
from shared.cli.client import HERE, REFUSED, Gateway, Unanswered, Url, reached, tell
from shared.cli.tables import NOTHING, shanghai, show
from shared.contracts.delegation_fields import FACETS

holders = typer.Typer(
    no_args_is_help=True,
    help="权力 Who held which power, when, as known when; its proof, and its picture.",
    epilog="Example: fuquan holders prove",
)

PAGE = 1000
ACROSS = {"yes": "，跨镇 cross-town", "no": "，本镇 same town"}
Programme = Annotated[str | None, typer.Option(help="实施方案 Only this programme.")]


def _facet(text: str) -> str:
    return one_of(FACETS, text)


@holders.command("of")
def of_(
    item: Annotated[str, typer.Argument(help="事项 Item, e.g. MD23-04.", show_default=False)],
    facet: Annotated[
        str, typer.Option(parser=_facet, metavar="FACET", help=f"权能: {', '.join(FACETS)}.")
    ],
    at: At,
    town: Annotated[
        str | None, typer.Option(help="镇街 Without it, the department's own power.")
    ] = None,
    known_at: KnownAt = None,
    programme: Annotated[
        str | None, typer.Option(help="实施方案 Programme of the item; another's is refused.")
    ] = None,
    *,
    as_json: Json = False,
    export: Export = None,
    url: Url = HERE,
) -> None:
    """Say who held a facet of a power at an instant, as known at another.

    Example: fuquan holders of MD23-04 --town MD2023-TOWN-08 --facet decide --at 2023-09-01

    As it was known before: fuquan holders of … --at 2024-03-01 --known-at 2024-01-01
    """
    asked = {
        "item": item, "town": town, "facet": facet, "programme": programme, "at": at.isoformat(),
        "known_at": _iso(known_at),
    }
    with reached(url) as gateway:
        if export:
            write(answered(gateway, "holders", asked), export)
            return
        rows = gateway.ask("ledger", "holders", **asked)
        names = {org: _name(gateway, org) for org in sorted({row["org_id"] for row in rows})}
    rows = [row | {"name": names[row["org_id"]]} for row in rows]
    if as_json:
        _print(rows)
    elif not rows:
        typer.echo(f"没有 nobody held {facet} of {item} then.")
    else:
        show(
            ("单位 organ", "身份 capacity", "受理 filed at", "方式 mode", "授权 grant",
             "自 from", "至 to", "立/止 opened/closed by"),
            [
                (row["name"] or row["org_id"], row["capacity"],
                 f"{row['filed_at']}{ACROSS.get(row['cross_town'], '')}", row["mode"],
                 row["grant_id"], shanghai(row["effective_from"]), shanghai(row["effective_to"]),
                 _bounds(row))
                for row in rows
            ],
        )


@holders.command()
def by(
    org: Annotated[str, typer.Argument(help="单位 Organ, e.g. MD2023-ORG-19.", show_default=False)],
    at: At,
    known_at: KnownAt = None,
    *,
    as_json: Json = False,
    export: Export = None,
    url: Url = HERE,
) -> None:
    """Say what an organ held at an instant, as known at another: a line per power and grant.

    Example: fuquan holders by MD2023-TOWN-18-CENTRE --at 2024-02-29

    As it was known before: fuquan holders by … --at 2024-03-01 --known-at 2024-01-01
    """
    asked = {"org": org, "at": at.isoformat(), "known_at": _iso(known_at)}
    with reached(url) as gateway:
        if export:
            write(answered(gateway, "held_by", asked), export)
            return
        rows = list(_held_by(gateway, **asked))
    if as_json:
        _print(rows)
    elif not rows:
        typer.echo(f"没有 {org} held nothing then.")
    else:
        powers: dict[tuple[Any, ...], list[str]] = {}
        for row in rows:
            line = (row["item_id"], row["town_id"], row["mode"], row["grant_id"],
                    shanghai(row["effective_from"]), shanghai(row["effective_to"]), _bounds(row))
            powers.setdefault(line, []).append(
                row["facet"] + ACROSS.get(row["cross_town"], "").partition(" ")[0]
            )
        show(
            ("事项 item", "镇街 town", "方式 mode", "授权 grant", "自 from", "至 to",
             "立/止 opened/closed by", "权能 facets"),
            [(*line, " ".join(facets)) for line, facets in powers.items()],
        )


@holders.command()
def prove(
    programme: Programme = None,
    item: Annotated[str | None, typer.Option(help="事项 Only this item.")] = None,
    town: Annotated[str | None, typer.Option(help="镇街 Only this town or unit.")] = None,
    known_at: KnownAt = None,
    *,
    as_json: Json = False,
    url: Url = HERE,
) -> None:
    """Prove that every power had an acceptor and one decider at every instant; else say where not.

    Over the whole history, as recorded: no gap, no overlap, no expired agreement beneath a grant,
    no re-delegation, no act of a zone committee. Each finding names the fact that caused it. Ends
    with 1 where there is one.

    Examples:

      fuquan holders prove

      fuquan holders prove --programme MD2023 --json

      fuquan holders prove --known-at 2024-07-02     what was known then, and as far as then
    """  # noqa: D412 - without the blank lines the help would run the commands together
    asked = {"item": item, "town": town, "known_at": _iso(known_at)}
    with reached(url) as gateway:
        proofs = dict(_proofs(gateway, programme, asked))
    found = [one for proof in proofs.values() for one in proof["findings"]]
    total = sum(proof["found"] for proof in proofs.values())
    if as_json:
        _print(proofs)
    else:
        if found:
            show(
                ("发现 finding", "事项 item", "镇街 town", "自 from", "至 to", "起因 caused by",
                 "说明"),
                [
                    (one["code"], one["item"], one["town"], shanghai(one["from"]),
                     shanghai(one["to"]), f"{one['event']} {one['source']}/{one['position']}",
                     one["zh"])
                    for one in found
                ],
            )
        counts = ", ".join(
            f"{sum(proof['checked'][what] for proof in proofs.values())} {what}"
            for what in ("items", "places", "grants")
        )
        typer.echo(f"{counts}: {total or 'no'} findings.")
    if total > len(found):
        tell(f"Only {len(found)} of {total} are told; narrow it with --item or --town.")
    if total:
        raise typer.Exit(REFUSED)


@holders.command()
def draw(
    what: Annotated[
        str,
        typer.Argument(metavar="ITEM|TOWN", help="事项或镇街, e.g. MD23-12.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="File to write, e.g. item.svg; without it, to stdout."),
    ] = None,
    known_at: KnownAt = None,
    *,
    url: Url = HERE,
) -> None:
    """Draw who held an item in each town, or what a town held, over time; as SVG.

    Examples:

      fuquan holders draw MD23-12 --out item.svg

      fuquan holders draw MD2023-TOWN-18 --out town.svg --known-at 2024-01-01
    """  # noqa: D412 - as above
    with reached(url) as gateway:
        picture = _picture(gateway, what, _iso(known_at))
    if out is None:
        typer.echo(picture)
        return
    try:
        out.write_text(picture, "utf-8")
    except OSError as why:
        raise typer.BadParameter(f"{out}: {why.strerror}", param_hint="--out") from why
    typer.echo(str(out))


def _proofs(
    gateway: Gateway, programme: str | None, asked: Mapping[str, str | None]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The proof of each programme in turn; of one item or town, a single one."""
    if programme is not None or asked["item"] is not None or asked["town"] is not None:
        yield programme or "", gateway.ask("ledger", "prove", programme=programme, **asked)
        return
    known = [one["programme_id"] for one in gateway.ask("catalog", "programmes")]
    for one in track(known, "证明 proving", console=Console(stderr=True), transient=True):
        yield one, gateway.ask("ledger", "prove", programme=one, **asked)


def _held_by(gateway: Gateway, **asked: str | None) -> Iterator[dict[str, Any]]:
    """All that an organ held, page by page."""
    beyond = None
    while True:
        rows = gateway.ask("ledger", "held_by", beyond=beyond, limit=PAGE, **asked)
        yield from rows
        if len(rows) < PAGE:
            return
        beyond = rows[-1]["place"]


def _picture(gateway: Gateway, what: str, known_at: str | None) -> str:
    try:
        found = gateway.ask("ledger", "timeline", item=what, known_at=known_at)
    except Unanswered as why:
        if why.code != "register.unknown-item":
            raise
        found = gateway.ask("ledger", "timeline", town=what, known_at=known_at)
    return str(found["svg"])


def _bounds(row: Mapping[str, Any]) -> str:
    """The positions of the facts that began it and ended it."""
    return f"{row['opened_by']}/{NOTHING if row['closed_by'] is None else row['closed_by']}"


def _name(gateway: Gateway, org: str) -> str | None:
    """The organ's name; None for a role that no one organ has."""
    try:
        found = gateway.ask("catalog", "organ", org_id=org)
    except Unanswered as why:
        if why.code == "register.unknown-organ":
            return None
        raise
    return str(found["name"])


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _print(answer: Any) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
