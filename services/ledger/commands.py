"""The ledger's questions; it has no command, for it records nothing of its own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.ledger import timeline
from services.ledger.auditing import audited
from services.ledger.certificate import Certificates, check
from services.ledger.drawing import heading, svg
from services.ledger.entries import Entries
from services.ledger.facts import behind, names_of, proofs_of
from services.ledger.legality import without_authority
from services.ledger.mirror import Mirror
from services.ledger.promises import Promises
from services.ledger.proving import proved
from services.ledger.receipt import Receipts
from services.ledger.sources import Source
from services.ledger.witness import Watch
from shared.clock import Clock, system_clock
from shared.commands import Commands
from shared.database import Database
from shared.holdings.questions import Holdings
from shared.log.cosignature import Witness
from shared.log.signer import FileKey
from shared.log.tiles import Tile
from shared.plain import plain
from shared.refusal import Refused
from shared.settings import SERVICES

AS_NOW_KNOWN = datetime.max.replace(tzinfo=UTC)


class Ledger(Commands):
    """What the ledger answers.

    Args:
        database: of the ledger, as its own role.
        sources: the logs whose checkpoints can be read; the others stay unconfirmed.
        signer: the key with which the ledger vouches for checkpoints; None: for none.
        witnesses: others, whose cosignatures are kept.
    """

    service = "ledger"
    aggregates = ()

    def __init__(
        self, database: Database, clock: Clock | None = system_clock,
        sources: Mapping[str, Source] | None = None, signer: FileKey | None = None,
        witnesses: Sequence[Witness] = (),
    ) -> None:
        super().__init__(database, clock)
        self.questions = Questions(database, sources or {}, signer, witnesses)

    def cosigned(self, source: str, note: str) -> list[str]:
        """Keep other witnesses' cosignatures of a checkpoint; returns their names.

        Raises:
            Refused: ``ledger.unknown-source``, and as `Watch.take`.
        """
        if source not in self.questions.watches:
            raise Refused(
                "ledger.unknown-source", {"source": source},
                f"没有{source}的日志；可用：{'、'.join(SERVICES)}",
            )
        names: list[str] = self.questions.watches[source].take(note)
        return names


class Questions:
    """The ledger's doors."""

    def __init__(
        self, database: Database, sources: Mapping[str, Source], signer: FileKey | None,
        witnesses: Sequence[Witness],
    ) -> None:
        self.database = database
        self.holdings = Holdings(database)
        self.mirrors = {name: Mirror(database, name, sources.get(name)) for name in SERVICES}
        self.receipts = Receipts(database, self.mirrors)
        self.promises = Promises(database, self.mirrors)
        self.witnesses = [*([Witness.of(signer)] if signer else []), *witnesses]
        self.logs = {
            name: Entries(database, name, sources.get(name), self.mirrors[name])
            for name in SERVICES
        }
        self.watches = {
            name: Watch(database, name, sources.get(name), signer, witnesses) for name in SERVICES
        }

    def holders(
        self, *, programme: str | None, item: str, town: str | None, facet: str, at: datetime,
        known_at: datetime | None,
    ) -> list[dict[str, Any]]:
        """Who held a facet at an instant, as known at another (R065, R222).

        Args:
            programme: the item's, or None; `ask` has refused any other.
        """
        rows = self.holdings.holders(
            item=item, town=town, facet=facet, at=at, known_at=known_at or AS_NOW_KNOWN
        )
        return [plain(row) for row in rows]

    def held_by(
        self, *, org: str, at: datetime, known_at: datetime | None, beyond: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """What an organ held at an instant, as known at another; page by page (R065, R222)."""
        rows = self.holdings.held_by(
            org=org, at=at, known_at=known_at or AS_NOW_KNOWN, beyond=beyond, limit=limit
        )
        return [plain(row) for row in rows]

    def history(self, *, item: str, town: str, facet: str) -> list[dict[str, Any]]:
        """Every interval on both clocks, with the facts that opened, closed, superseded it."""
        rows = self.holdings.history(item=item, town=town, facet=facet)
        return [plain(row) for row in rows]

    def prove(
        self, *, programme: str | None, item: str | None, town: str | None,
        known_at: datetime | None,
    ) -> dict[str, Any]:
        """Every gap, overlap and breach in who held what; none found is the proof (R064, R065)."""
        found: dict[str, Any] = plain(proved(
            self.database, programme=programme, item=item, town=town, known_at=known_at
        ))
        return found

    def timeline(
        self, *, item: str | None, town: str | None, known_at: datetime | None
    ) -> dict[str, Any]:
        """One item across the towns, or one town across the items; in words and as SVG."""
        told = (
            timeline.of_item(self.database, item, known_at)
            if item is not None else timeline.of_town(self.database, str(town), known_at)
        )
        found: dict[str, Any] = plain(told)
        return found | {"heading": heading(told), "svg": svg(told)}

    def status(self) -> dict[str, dict[str, Any]]:
        """Per source: mirrored, dense, root, latest checkpoint, signature, root equal, witness."""
        return {
            name: mirror.status() | {"witness": self.watches[name].status()}
            for name, mirror in self.mirrors.items()
        }

    def verify(self, *, source: str | None) -> dict[str, dict[str, Any]]:
        """Per source: whether every byte, stream and signed root holds, else where it fails."""
        names = SERVICES if source is None else (source,)
        return {name: self.mirrors[name].verified() for name in names}

    def fact(self, *, source: str, position: int) -> dict[str, Any]:
        """One fact's bytes with its inclusion proof."""
        return self.mirrors[source].fact(position)

    def proofs(
        self, *, source: str, positions: list[int], size: int | None
    ) -> dict[str, Any]:
        """Many facts' bytes with their inclusion proofs under one checkpoint."""
        return proofs_of(self.mirrors[source], positions, size)

    def behind(
        self, *, grants: list[UUID], items: list[str], known_at: datetime | None
    ) -> dict[str, list[int]]:
        """Positions of the facts that made grants what they were, and items whose they were."""
        return behind(self.database, grants, items, known_at or AS_NOW_KNOWN)

    def names(self, *, ids: list[str]) -> dict[str, str]:
        """Names of items, organs, towns and centres by id."""
        return names_of(self.database, ids)

    def receipt(self, *, case: UUID) -> dict[str, Any]:
        """The receipt of an approval, as the text of its file."""
        return {"case": str(case), "receipt": self.receipts.receipt(str(case))}

    def certificate(self, *, case: UUID) -> dict[str, Any]:
        """What the receipt of an approval says, in words."""
        return Certificates(self.database, self.receipts, self.witnesses).certificate(str(case))

    def check_receipt(self, *, receipt: str) -> dict[str, Any]:
        """Whether a receipt holds under the keys of logs and witnesses that are known here."""
        return check(receipt, self.mirrors, self.witnesses)

    def promise(self, *, source: str, stream: UUID, version: int) -> dict[str, Any]:
        """A promise for an event just recorded, later its proof."""
        return self.promises.promise(source, stream, version)

    def entries(
        self, *, source: str, first: int, limit: int, types: list[str]
    ) -> dict[str, Any]:
        """One log's facts from a position on."""
        return self.logs[source].page(first, limit, types)

    def checkpoint(self, *, source: str, witness: str | None) -> dict[str, Any]:
        """The longest note that was vouched for, with every known cosignature."""
        return self.watches[source].checkpoint(witness)

    def handover(self, *, source: str, position: int) -> dict[str, Any]:
        """The checkpoint that both keys have signed."""
        return self.watches[source].handover(position)

    def evidence(self, *, source: str) -> list[dict[str, Any]]:
        """Each two notes that no one history has."""
        return self.watches[source].vouched.evidence()

    def tile(self, *, source: str, path: str) -> dict[str, Any]:
        """A tile or bundle out of the mirror, as base64."""
        return {"path": path, "data": self.mirrors[source].tile(Tile.parse(path))}

    def audit(
        self, *, programme: str | None, before: datetime | None, known_at: datetime | None
    ) -> dict[str, Any]:
        """Every recorded act judged again from the mirrored logs alone (R131)."""
        return audited(self.database, programme=programme, before=before, known=known_at)

    def authority_check(self, *, programme: str | None) -> dict[str, Any]:
        """How many approvals there are, and which were issued without authority (R131)."""
        checked, found = without_authority(self.database, programme)
        return {
            "checked": checked, "with_authority": checked - len(found),
            "without_authority": [plain(row) for row in found],
        }
