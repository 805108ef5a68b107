"""The county's witness: follows what each log signs, vouches for it, keeps what speaks against."""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import psycopg2
import structlog

from services.ledger.cosigning import lines_of, signed_by
from services.ledger.judging import Verdict, forked, judged
from services.ledger.sources import Source
from services.ledger.subtrees import tree_of
from services.ledger.vouched import Vouched
from shared.database import Database
from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.cosignature import Witness, cosign, cosigned
from shared.log.keys import NoteError
from shared.log.note import split_note
from shared.log.signer import FileKey
from shared.log.trust import Term, open_trusted
from shared.refusal import Refused

AT_ONCE = 200
NO_KEY, AWAY, REFUSED, BEHIND = "no-key", "source-away", "refused", "behind"
VOUCHED, NOTHING, FAULT = "cosigned", "no-checkpoint", "fault"
SHOWN = (Verdict.ALTERED, Verdict.DIFFERS, Verdict.AHEAD)
PASSING = {VOUCHED, NOTHING, NO_KEY, AWAY, Verdict.AHEAD.value}

log = structlog.get_logger()


class Watch:
    """One log under watch.

    Every note that the log has signed is judged against the ledger's own mirror, and cosigned if
    the mirror contains it. Two processes of the ledger may do this at once.

    Args:
        database: of the ledger, as its own role.
        source: what the log has signed; None where it cannot be asked.
        signer: the witness's key; None: nothing is vouched for.
        others: whose cosignatures are kept too.
    """

    def __init__(
        self, database: Database, name: str, source: Source | None, signer: FileKey | None = None,
        others: Sequence[Witness] = (),
    ) -> None:
        self.database = database
        self.name = name
        self.source = source
        self.signer = signer
        self.others = list(others)
        self.vouched = Vouched(database, name)
        self._examined: set[str] = set()  # notes that differ, and of which nothing was proven

    def look(self) -> str:
        """Judge what the log has signed since, and vouch for it.

        Returns:
            ``cosigned``: the log's latest checkpoint is. ``no-key``, ``source-away``,
            ``no-checkpoint``, ``ahead`` (the mirror follows), ``behind`` (the log shows less than
            it did: a restored backup), ``differs`` (from the mirror), ``altered`` (the mirror
            itself), ``refused``, or the code of a note's error.
        """
        if self.signer is None or self.source is None:
            return AWAY if self.signer else NO_KEY
        if self.vouched.refused():
            return REFUSED
        try:
            return self._follow(self.source, self.signer)
        except psycopg2.OperationalError:
            return AWAY
        except NoteError as wrong:  # of the file of keys
            return wrong.code

    def _follow(self, source: Source, signer: FileKey) -> str:
        latest = self.vouched.latest()
        trusted = latest and latest[0]
        most = trusted.size if trusted else -1
        notes = [*islice(source.notes(above=most), AT_ONCE)]
        notes += [note] if (note := source.latest(most)) else []
        terms = source.terms()
        opened = {note: self._opened(note, terms) for note in notes}
        shown = {note: one for note, one in opened.items() if isinstance(one, Checkpoint)}
        verdicts = {note: judged(trusted, one, self.root) for note, one in shown.items()}
        for note in (note for note, verdict in verdicts.items() if verdict is Verdict.NEW):
            trusted = shown[note]  # the notes come smallest first
            line = cosign(trusted.text(), int(time.time()), signer)
            self.vouched.keep(trusted, signed_by(note, {trusted.origin}) + line)
        for note, verdict in verdicts.items():
            if verdict in {Verdict.FORK, Verdict.DIFFERS} and self._against(shown[note], note):
                return REFUSED
        wrong = [one for one in opened.values() if isinstance(one, str)]
        told = [*wrong, *(one.value for one in SHOWN if one in verdicts.values())]
        if told:
            return told[0]
        reached = max((one.size for one in shown.values()), default=-1)
        if trusted is None:
            return NOTHING
        return BEHIND if reached < trusted.size else VOUCHED

    def take(self, note: str) -> list[str]:
        """Keep others' cosignatures of a checkpoint, or learn that the log has signed another.

        Args:
            note: the log's note, with cosignature lines of witnesses whose keys are known here.

        Returns:
            The names of the witnesses whose cosignatures are kept.

        Raises:
            Refused: ``ledger.other-checkpoint``, ``ledger.unknown-witness``.
        """
        try:
            checkpoint = Checkpoint.parse(split_note(note)[0])
            known = cosigned(note, self.others)
        except (NoteError, CheckpointError) as wrong:
            raise _other(self.name, wrong.code) from wrong
        if self.vouched.text_at(checkpoint.size) != checkpoint.text():
            self._told(note)
            raise _other(self.name, "unknown-checkpoint")
        if not known:
            raise Refused(
                "ledger.unknown-witness", {"source": self.name},
                "没有已登记见证方的签名，请先登记其公钥",
            )
        for name, line in lines_of(note):
            # a line under a known name may be of another key
            if cosigned(f"{checkpoint.text()}\n{line}", self.others):
                self.vouched.endorse(checkpoint.size, name, line)
        return sorted(known)

    def checkpoint(self, by: str | None = None) -> dict[str, Any]:
        """The longest note vouched for, with every known cosignature.

        Args:
            by: name of a witness that must have vouched for it too.

        Raises:
            Refused: ``ledger.no-checkpoint``: there is none yet.
        """
        self.look()
        found = self.vouched.latest(None if self.signer and by == self.signer.name else by)
        if found is None:
            raise Refused(
                "ledger.no-checkpoint", {"source": self.name, "witness": by},
                f"{self.name}日志尚无经见证的检查点，请稍后再查",
            )
        checkpoint, note = found
        known = [*self.others, *([Witness.of(self.signer)] if self.signer else [])]
        seen = cosigned(note, known)
        return {
            "source": self.name, "size": checkpoint.size, "root": checkpoint.root.hex(),
            "note": note, "refused": self.vouched.refused(),
            "seen": {name: datetime.fromtimestamp(at, UTC).isoformat()
                     for name, at in seen.items()},
        }

    def handover(self, position: int) -> dict[str, Any]:
        """The first checkpoint over a rotation of the log's key, which both keys have signed.

        Raises:
            Refused: ``ledger.no-checkpoint``: there is no rotation there, or the log is away.
        """
        found = self.source.handovers(self.source.verifiers()) if self.source else []
        for rotation, note in found:
            if rotation.position == position:
                return {"source": self.name, "position": position, "note": note}
        raise Refused(
            "ledger.no-checkpoint", {"source": self.name, "position": position},
            f"{self.name}日志第{position}号记录不是已交接的换钥记录",
        )

    def status(self) -> dict[str, Any]:
        """What `look` says, and how many entries were vouched for."""
        state, latest = self.look(), self.vouched.latest()
        return {"state": state, "size": latest and latest[0].size}

    def root(self, size: int) -> bytes | None:
        """The root of the mirror's first so many entries; None if it has less."""
        ((reached,),) = self.database.rows(
            "SELECT least((SELECT projected FROM bus.cursor WHERE source = %(source)s),"
            " (SELECT min(position) FROM bus.parked WHERE source = %(source)s"
            " AND stage IN ('read', 'project')))", {"source": self.name},
        )
        if reached is None or size > reached:
            return None
        try:
            return tree_of(self.database, self.name, size).root()
        except ValueError:  # rows of the mirror are gone
            return b""

    def _opened(self, note: str, terms: Sequence[Term]) -> Checkpoint | str:
        """The checkpoint that a key of the log has signed; else the code of what is wrong."""
        assert self.source is not None
        try:
            return open_trusted(note, self.source.origin, terms)
        except (NoteError, CheckpointError) as wrong:
            return wrong.code

    def _told(self, note: str) -> None:
        """A note from elsewhere: the log may have signed it for others alone."""
        if self.source is None:
            return
        shown, latest = self._opened(note, self.source.terms()), self.vouched.latest()
        if isinstance(shown, Checkpoint) and latest and (
            judged(latest[0], shown, self.root) is Verdict.FORK
        ):
            self._against(shown, note)

    def _against(self, shown: Checkpoint, note: str) -> bool:
        """Keep both notes, if no one history has them."""
        assert self.source is not None
        latest = self.vouched.latest()
        if latest is None or note in self._examined:
            return False
        trusted, kept = latest
        if judged(trusted, shown, self.root) is not Verdict.FORK and not forked(
            trusted, shown, self.source.leaves()
        ):
            self._examined.add(note)
            return False
        self.vouched.refuse(note, kept, Verdict.FORK.value)
        log.error("witness.forked", source=self.name, size=shown.size)
        return True


def look_at_all(watches: Iterable[Watch]) -> dict[str, str]:
    """Look at each log once; what became of it, by name: as `Watch.look`, or ``fault``.

    Raises:
        psycopg2.Error: the ledger's own database is away.
    """
    return {watch.name: _looked(watch) for watch in watches}


def _looked(watch: Watch) -> str:
    try:
        return watch.look()
    except psycopg2.Error:
        raise
    except Exception:  # e.g. `openssl` cannot be run: told, and no other log goes unwatched for it
        log.exception("witness.fault", source=watch.name)
        return FAULT


def doubted(state: str) -> bool:
    """Whether a log is not what its witness has seen, or cannot be seen: somebody has to look."""
    return state not in PASSING


def _other(source: str, reason: str) -> Refused:
    return Refused(
        "ledger.other-checkpoint", {"source": source, "reason": reason},
        "所附检查点不是本账本见证过的检查点，未予保存；请取本账本当前的检查点，签名后再提交",
    )
