"""`fuquan ledger export`, `check-export`: an answer as a file with its proof, and its check."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from marshmallow import ValidationError

from services.ledger.cli.app import ledger
from services.ledger.cli.words import Keys, instant, one_of
from shared.cli.client import HERE, REFUSED, WRONG_OR_AWAY, Gateway, Url, reached, tell
from shared.clock import system_clock
from shared.export.answer import NOT_PROVEN, PROVEN, PROVEN_HELD, Answer
from shared.export.check import Checked, NotProven, checked
from shared.export.columnar import NoParquet
from shared.export.files import FORMS, save
from shared.export.gather import gathered
from shared.export.read import Unreadable, opened
from shared.export.tables import QUESTIONS, TABLES
from shared.log.keys import NoteError, Verifier, verifiers_in
from shared.settings import SERVICES, Settings

INSTANTS = ("at", "known_at")


def _door(text: str) -> str:
    return one_of(QUESTIONS, text)


def _file(text: str) -> Path:
    if Path(text).suffix.lower().removeprefix(".") not in FORMS:
        raise typer.BadParameter(f"{text!r} does not end in .{', .'.join(FORMS)}")
    return Path(text)


Export = Annotated[
    Path | None,
    typer.Option(
        parser=_file, metavar="FILE", help=f"导出 Write it with its proof: .{', .'.join(FORMS)}."
    ),
]


@ledger.command()
def export(
    question: Annotated[
        str,
        typer.Argument(
            parser=_door, metavar="QUESTION", help=", ".join(QUESTIONS), show_default=False
        ),
    ],
    file: Annotated[
        Path,
        typer.Argument(
            parser=_file, metavar="FILE", help=f".{', .'.join(FORMS)}", show_default=False
        ),
    ],
    asked: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]…", help="What is asked.")
    ] = None,
    *,
    url: Url = HERE,
) -> None:
    """Write an answer of the ledger as a file with its proof.

    Examples:

      fuquan ledger export holders who.xlsx item=MD23-04 town=MD2023-TOWN-08 at=2023-09-01

      fuquan ledger export held_by centre.pdf org=MD2023-TOWN-18-CENTRE at=2024-02-29

      fuquan ledger export timeline item.csv item=MD23-12
    """  # noqa: D412 - without the blank lines the help would run the commands together
    with reached(url) as gateway:
        write(answered(gateway, question, _words(asked or ())), file)


@ledger.command("check-export")
def check_export(
    file: Annotated[Path, typer.Argument(help="导出文件 .xlsx, .csv, .jsonl, .parquet or .zip.")],
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(help="Verifier key, or a file with one per line; repeatable."),
    ] = None,
    keys: Keys = Settings.keys,
    again: Annotated[
        bool, typer.Option("--again", help="Ask the gateway the same again, and compare the rows.")
    ] = False,
    url: Url = HERE,
) -> None:
    """Check an export offline: that its facts are in the signed logs, and its rows follow.

    Example: fuquan ledger check-export who.xlsx --key county.vkeys
    """
    try:
        trusted = _known(key or _key_files(keys))
        found = checked(opened(file), trusted)
    except OSError as wrong:
        tell(f"{wrong.filename}: {wrong.strerror}")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    except NoteError as wrong:
        tell(f"不是日志的公钥 No verifier key of a log: {wrong}")
        raise typer.Exit(WRONG_OR_AWAY) from wrong
    except (NotProven, Unreadable) as refused:
        tell(f"未通过 Refused: {refused}")
        raise typer.Exit(REFUSED) from refused
    _report(found)
    if again and not TABLES[found.door].asked:
        said = f"run `fuquan ledger {found.door} --export` again"
        raise typer.BadParameter(said, param_hint="--again")
    if again:
        _compare(found, url)


def answered(gateway: Gateway, question: str, asked: Mapping[str, Any]) -> Answer:
    """The answer of the ledger behind *gateway*, with its proof."""
    try:
        return gathered(
            partial(gateway.told, "ledger"), question, asked, made_at=system_clock(),
            base=gateway.url,
        )
    except ValidationError as wrong:
        raise typer.BadParameter(str(wrong)) from wrong


def write(answer: Answer, file: Path) -> None:
    """Write an export and say what was written."""
    try:
        written = save(answer, file)
    except OSError as wrong:
        raise typer.BadParameter(f"{file}: {wrong.strerror}", param_hint="FILE") from wrong
    except NoParquet as missing:
        tell(f"Parquet 需要 DuckDB Parquet wants DuckDB: {missing}")
        raise typer.Exit(WRONG_OR_AWAY) from missing
    for one in written:
        typer.echo(str(one))
    typer.echo(f"{len(answer.rows)} rows, {len(answer.facts)} facts, sha256 {answer.digest()}")
    if answer.unsigned:
        tell(f"{answer.unsigned}项事实尚未签名，请稍后重新导出"
             f" {answer.unsigned} facts are not signed yet; export again in a moment.")


def _words(asked: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word in asked:
        name, equals, value = word.partition("=")
        if not equals:
            raise typer.BadParameter(f"{word!r} is no NAME=VALUE, e.g. item=MD23-04")
        found[name] = instant(value).isoformat() if name in INSTANTS else value
    return found


def _key_files(keys: Path) -> list[str]:
    found = [str(keys / f"{name}.vkey") for name in SERVICES if (keys / f"{name}.vkey").is_file()]
    if not found:
        tell(f"There is no .vkey in {keys}; give the logs' public keys with --key or --keys.")
        raise typer.Exit(WRONG_OR_AWAY)
    return found


def _known(given: Iterable[str]) -> dict[str, list[Verifier]]:
    """The trusted keys by log; a witness's are passed over."""
    found: dict[str, list[Verifier]] = {}
    for one in given:
        path = Path(one)
        for line in path.read_text("utf-8").split() if path.is_file() else [one]:
            source = line.partition("+")[0].rpartition("/")[2]
            if source in SERVICES:
                found.setdefault(source, []).extend(verifiers_in(line))
    return found


def _report(found: Checked) -> None:
    typer.echo(f"已核验 Checked: {found.door} {dict(found.asked)}")
    typer.echo(f"  {found.rows} rows, {found.facts} facts, sha256 {found.digest}")
    for source, signed in found.checkpoints.items():
        typer.echo(f"  {source}: {signed.origin} {signed.size} {signed.root.hex()}")
    typer.echo("已证明 Proven:")
    for line in (*PROVEN, *(PROVEN_HELD if TABLES[found.door].holdings else ())):
        typer.echo(f"  {line}")
    typer.echo("未证明 Not proven:")
    for line in NOT_PROVEN:
        typer.echo(f"  {line}")


def _compare(found: Checked, url: str) -> None:
    with reached(url) as gateway:
        answer = answered(gateway, found.door, found.asked)
    if answer.digest() != found.digest:
        tell(f"再次提问的答案不同：现有{len(answer.rows)}行，导出文件有{found.rows}行。"
             " Asked again, the answer is another: rows were left out or added, or it is known"
             " otherwise since.")
        raise typer.Exit(REFUSED)
    typer.echo("再次提问，答案相同。 Asked again: the same answer.")
