"""`fuquan applicant`: a person's record; details exported, checked against the log, erased."""

import json
import os
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from services.cases.applicants.commitment import opens
from services.cases.domain.applicant_refusals import GROUNDS_ZH
from shared.cli.client import HERE, REFUSED, WRONG_OR_AWAY, Gateway, Url, reached, tell
from shared.cli.tables import shanghai, show
from shared.contracts.cases_applicants import GROUNDS, PURPOSES

FORMAT = "fuquan-applicant/v1"

applicant = typer.Typer(
    no_args_is_help=True,
    help="申请人 Applicants: what is held, shown on the record, exported, checked, erased.",
    epilog="Example: fuquan applicant show 5d0c2a57-4f3e-5b1c-8a86-9f1d2f0c7e31",
)

Key = Annotated[UUID, typer.Argument(help="申请人编号 The applicant's key.", show_default=False)]
Case = Annotated[
    UUID | None,
    typer.Option(help="本单位承办的案件 A case of the applicant's that your organ has."),
]


def _one_of(known: tuple[str, ...], text: str) -> str:
    if text not in known:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(known)}")
    return text


def _purpose(text: str) -> str:
    return _one_of(PURPOSES, text)


def _ground(text: str) -> str:
    return _one_of(GROUNDS, text)


@applicant.command("show")
def show_(key: Key, url: Url = HERE) -> None:
    """Say which fields are held, what was recorded, and what was erased; no details.

    Example: fuquan applicant show 5d0c2a57-4f3e-5b1c-8a86-9f1d2f0c7e31
    """
    with reached(url) as gateway:
        record = gateway.ask("cases", "applicant", applicant=str(key))
    typer.echo(_state(record))
    show(
        ("记录 position", "事件 event", "案件 case", "单位 organ", "操作员 operator", "时间 at"),
        [
            (one["position"], one["type"], one["case"], one["org_name"] or one["org_id"],
             one["operator"], shanghai(one["occurred_at"]))
            for one in record["events"]
        ],
    )


@applicant.command()
def export(
    key: Key,
    out: Annotated[
        Path, typer.Option("--out", dir_okay=False, metavar="FILE.json", help="Where to write it.")
    ],
    case: Case = None,
    purpose: Annotated[
        str, typer.Option(parser=_purpose, metavar="PURPOSE", help=", ".join(PURPOSES))
    ] = "subject_access",
    url: Url = HERE,
) -> None:
    """Write everything on one person: details with their salt, cases, events, the erasure.

    That the details are read is recorded before they are shown. Of an erased applicant the file
    tells what was erased and when.

    Example: fuquan applicant export 5d0c2a57-4f3e-5b1c-8a86-9f1d2f0c7e31 --out 申请人.json
    """
    try:  # before anything is read, which is recorded
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as wrong:
        tell(f"Cannot write {out}: {wrong.strerror}.")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file, reached(url) as gateway:
            shown = _read(gateway, key, case, purpose)
            record = gateway.ask("cases", "applicant", applicant=str(key))
            document = {"format": FORMAT, "record": record, "shown": shown}
            json.dump(document, file, ensure_ascii=False, indent=1)
    except typer.Exit:
        out.unlink()
        raise
    typer.echo(f"{_state(record)}\n已写入 written {out}")


@applicant.command()
def erase(
    key: Key,
    ground: Annotated[
        str,
        typer.Option(
            parser=_ground, metavar="GROUND",
            help="; ".join(f"{name} {zh}" for name, zh in GROUNDS_ZH.items()),
        ),
    ],
    case: Case = None,
    url: Url = HERE,
) -> None:
    """Erase a person's details, for a ground of 个人信息保护法 art. 47; it cannot be undone.

    Example: fuquan applicant erase 5d0c2a57-4f3e-5b1c-8a86-9f1d2f0c7e31 --ground purpose_achieved
    """
    with reached(url) as gateway:
        record = gateway.ask("cases", "applicant", applicant=str(key))
        gateway.do(
            "cases", "erase_applicant", {**_on(record, key, case), "ground": ground}, uuid4()
        )
    typer.echo(f"已删除 erased: {', '.join(record['held_fields'])}")


@applicant.command()
def check(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE.json", help="An export.")
    ],
    commitment: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="As a fact of the log has it; else the export's own."),
    ] = None,
) -> None:
    """Check the details in an export against the commitment in the log, offline.

    Example: fuquan applicant check 申请人.json --commitment 6c3a92e7…
    """
    try:
        document = json.loads(file.read_text("utf-8"))
        shown, record = document["shown"], document["record"]
        committed = commitment or record["commitment"]
        holds = shown is not None and opens(
            committed, shown["details"], b64decode(shown["salt"], validate=True)
        )
    except (ValueError, KeyError, TypeError, NotBase64) as wrong:
        tell(f"{file} 不是申请人信息导出文件 is no export of an applicant: {wrong!r}")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    if shown is None:
        typer.echo(_state(record))
    elif holds:
        typer.echo(f"相符 The details are those committed to as {committed}.")
    else:
        tell(f"不符 These details are not what was committed to as {committed}.")
        raise typer.Exit(REFUSED)


def _on(record: Mapping[str, Any], key: UUID, case: UUID | None) -> dict[str, Any]:
    return {
        "programme": record["programme_id"], "applicant": str(key),
        "case": str(case) if case else None,
    }


def _read(
    gateway: Gateway, key: UUID, case: UUID | None, purpose: str
) -> dict[str, Any] | None:
    """What is held, with the salt; None: it has been erased."""
    record = gateway.ask("cases", "applicant", applicant=str(key))
    if record["erased"]:
        return None
    request = {**_on(record, key, case), "purpose": purpose}
    shown: dict[str, Any] = gateway.do("cases", "read_applicant", request, uuid4())["shown"]
    return shown


def _state(record: Mapping[str, Any]) -> str:
    """One line: held which fields, or erased which, when and why."""
    if erased := record["erased"]:
        return (
            f"已于 {shanghai(erased['erased_at'])} 删除 erased:"
            f" {', '.join(erased['erased_fields'])}（{GROUNDS_ZH[erased['ground']]}）"
        )
    return f"持有 held: {', '.join(record['held_fields'])}"
