"""A power item: its row in the catalogue, its scope, what the law says of it, its time limits."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.catalog.domain import item_refusals, refusals

ALWAYS_REQUIRED = ("power_type", "granting_org_id")
FULL_WIDTH = str.maketrans("(),;", "（），；")
EXEMPT = "exempt"
SCOPE = ("subitems", "exclusions", "verb")


def missing_columns(row: Mapping[str, Any], required: Sequence[str]) -> list[str]:
    """The columns an item must have and has not (R011); only enforcement has no outcome (R063)."""
    due = dict.fromkeys([*ALWAYS_REQUIRED, *required])
    if row["domain"] != "enforcement":
        due["outcome_kind"] = None
    return [column for column in due if row.get(column) is None]


def code_warning(code: str | None, power_type: str, types: Mapping[str, str]) -> str | None:
    """R012: digits 7-8 of a code say the power type; no notice says so, hence only a warning."""
    own = {name: mark for mark, name in types.items()}
    if code is None or power_type not in own or code[6:8] == own[power_type]:
        return None
    return f"code_type_mismatch({code[6:8]}≠{own[power_type]})"


def beyond_statutory(
    limits: Mapping[tuple[str | None, str], tuple[int, str]], town: str | None
) -> tuple[int, int] | None:
    """What the steps of one town take together and what the law leaves them, where that is less.

    The town's own limits come before the item's; forwarding is within accepting (R020).
    """
    def of(step: str) -> tuple[int, str] | None:
        return limits.get((town, step)) or limits.get((None, step))

    if (statutory := of("statutory")) is None:
        return None
    most, unit = statutory

    def days(step: str) -> int:
        limit = of(step)
        return limit[0] if limit and limit[1] == unit else 0

    taken = max(days("accept") + days("approve"), days("total"))
    return (taken, most) if taken > most else None


class ItemCode(Aggregate):
    """One code of a programme. Its stream is the code, so no two items can take it (R012)."""

    class ItemCodeAssigned(Aggregate.Created):
        item_id: str
        code: str

    @staticmethod
    def create_id(programme: str, code: str) -> UUID:
        """The stream of a code."""
        return uuid5(NAMESPACE_URL, f"fuquan:code:{programme}:{code}")

    @classmethod
    def assign(cls, *, programme: str, item: str, code: str, digits: int | None) -> "ItemCode":
        """Let the code mean the item."""
        if digits is not None and not (
            code.isascii() and code.isdigit() and len(code) == digits
        ):
            raise refusals.bad_code(item, code, digits)
        return cls._create(
            cls.ItemCodeAssigned, id=cls.create_id(programme, code), item_id=item, code=code
        )

    def assign_again(self, *, item: str) -> None:
        """Nothing, if it means this item already."""
        if item != self.item_id:
            raise refusals.duplicate_code(self.code, self.item_id, item)

    @event(ItemCodeAssigned)
    def __init__(self, item_id: str, code: str) -> None:
        self.item_id, self.code = item_id, code


class Item(Aggregate):
    """One matter that can be exercised."""

    class ItemListed(Aggregate.Created):
        item_id: str
        catalogue_id: str
        seq: int
        code: str | None
        name: str
        name_fullwidth: str
        power_type: str
        domain: str
        power_level: str
        field: str | None
        outcome_kind: str | None
        granting_org_id: str
        supervising_org_id: str | None
        mode: str | None
        note: str | None

    class ItemScopeDefined(Aggregate.Event):
        item_id: str
        subitems: list[str]
        exclusions: list[str]
        verb: str | None

    class LegalConstraintRecorded(Aggregate.Event):
        item_id: str
        kind: str
        norm_rank: str
        article: str
        valid_from: date
        valid_to: date | None

    class ItemTimeLimitSet(Aggregate.Event):
        item_id: str
        town_id: str | None
        step: str
        value: int
        unit: str

    class ItemSupervisorAssigned(Aggregate.Event):
        item_id: str
        supervising_org_id: str
        supervision_content: str
        measures: list[str]
        from_: date

    class ItemOnlineStatusSet(Aggregate.Event):
        item_id: str
        status: str
        exemption_reason: str | None

    class ItemFieldTagged(Aggregate.Event):
        item_id: str
        field: str

    class ItemLinkedAsSameMatter(Aggregate.Event):
        item_id: str
        other_item_id: str
        basis: str

    @staticmethod
    def create_id(item_id: str) -> UUID:
        """The stream of an item."""
        return uuid5(NAMESPACE_URL, f"fuquan:item:{item_id}")

    @classmethod
    def enter(cls, *, required: Sequence[str], mode_zh: str | None, **row: Any) -> "Item":
        """List an item, with its scope where a remark or its name gives one.

        Args:
            required: the columns that the programme demands (R011).
            mode_zh: name of the item's mode, which has the remark's verb in it (R013).
            **row: the columns.
        """
        if missing := missing_columns(row, required):
            raise refusals.incomplete_item(row["item_id"], missing)
        if row["verb"] and mode_zh and row["verb"] not in mode_zh:
            raise refusals.verb_disagrees(row["item_id"], row["verb"], row["mode"], mode_zh)
        scope = {name: row.pop(name) for name in SCOPE}
        item = cls(name_fullwidth=row["name"].translate(FULL_WIDTH), **row)
        if scope["subitems"] or scope["exclusions"]:
            item._scope_defined(item_id=row["item_id"], **scope)
        return item

    def enter_again(self, **row: Any) -> None:
        """Nothing, if the row says what was listed."""
        refusals.unchanged("item", self.item_id, self.row | self.scope, row)

    def record_constraint(
        self, *, kind: str, norm_rank: str, article: str, valid_from: date, valid_to: date | None
    ) -> None:
        """Record what the law forbids (R046)."""
        if valid_to is not None and valid_to <= valid_from:
            raise refusals.constraint_ends_before_it_begins(self.item_id)
        if (kind, norm_rank, article, valid_from, valid_to) not in self.constraints:
            self._constraint_recorded(
                item_id=self.item_id, kind=kind, norm_rank=norm_rank, article=article,
                valid_from=valid_from, valid_to=valid_to,
            )

    def set_limit(self, *, town: str | None, step: str, value: int, unit: str) -> None:
        """Set a time limit; the steps together stay within the statutory limit (R020)."""
        limits = self.limits | {(town, step): (value, unit)}
        if limits == self.limits:
            return
        for place in {where for where, _ in limits}:
            if over := beyond_statutory(limits, place):
                raise refusals.exceeds_statutory_limit(self.item_id, place, *over)
        self._limit_set(item_id=self.item_id, town_id=town, step=step, value=value, unit=unit)

    def assign_supervisor(
        self, *, org: str, content: str, measures: Sequence[str], from_: date
    ) -> None:
        """Name who supervises, what, and by which measures (R016)."""
        asked: dict[str, Any] = {
            "supervising_org_id": org, "supervision_content": content, "measures": list(measures),
            "from_": from_,
        }
        if asked != self.supervision:
            self._supervisor_assigned(item_id=self.item_id, **asked)

    def set_online(self, *, status: str, reason: str | None) -> None:
        """Whether it can be done online; if not, why (R025)."""
        if status == EXEMPT and not reason:
            raise item_refusals.exempt_without_reason(self.item_id)
        if (status, reason) != self.online:
            self._online_set(item_id=self.item_id, status=status, exemption_reason=reason)

    def tag(self, *, field: str, fields: Sequence[str] | None) -> None:
        """Tag it with a priority field of the notice (R024)."""
        if fields is not None and field not in fields:
            raise item_refusals.not_a_field(self.item_id, field, fields)
        if field != self.field:
            self._tagged(item_id=self.item_id, field=field)

    def link(self, *, other: str, basis: str) -> None:
        """The same matter under another name, or in another programme (R012)."""
        if other == self.item_id:
            raise item_refusals.linked_to_itself(self.item_id)
        if self.same_matter.get(other) != basis:
            self._linked(item_id=self.item_id, other_item_id=other, basis=basis)

    @event(ItemListed)
    def __init__(
        self, *, item_id: str, catalogue_id: str, seq: int, code: str | None, name: str,
        name_fullwidth: str, power_type: str, domain: str, power_level: str, field: str | None,
        outcome_kind: str | None, granting_org_id: str, supervising_org_id: str | None,
        mode: str | None, note: str | None,
    ) -> None:
        self.item_id = item_id
        self.row = {
            "item_id": item_id, "catalogue_id": catalogue_id, "seq": seq, "code": code,
            "name": name, "power_type": power_type, "domain": domain, "power_level": power_level,
            "field": field, "outcome_kind": outcome_kind, "granting_org_id": granting_org_id,
            "supervising_org_id": supervising_org_id, "mode": mode, "note": note,
        }
        self.scope: dict[str, Any] = {"subitems": [], "exclusions": [], "verb": None}
        self.constraints: set[tuple[str, str, str, date, date | None]] = set()
        self.limits: dict[tuple[str | None, str], tuple[int, str]] = {}
        self.field = field
        self.supervision: dict[str, Any] | None = None
        self.online: tuple[str, str | None] | None = None
        self.same_matter: dict[str, str] = {}

    @event(ItemScopeDefined)
    def _scope_defined(
        self, *, item_id: str, subitems: Sequence[str], exclusions: Sequence[str], verb: str | None
    ) -> None:
        self.scope = {"subitems": subitems, "exclusions": exclusions, "verb": verb}

    @event(LegalConstraintRecorded)
    def _constraint_recorded(
        self, *, item_id: str, kind: str, norm_rank: str, article: str, valid_from: date,
        valid_to: date | None,
    ) -> None:
        self.constraints.add((kind, norm_rank, article, valid_from, valid_to))

    @event(ItemTimeLimitSet)
    def _limit_set(
        self, *, item_id: str, town_id: str | None, step: str, value: int, unit: str
    ) -> None:
        self.limits[town_id, step] = (value, unit)

    @event(ItemSupervisorAssigned)
    def _supervisor_assigned(
        self, *, item_id: str, supervising_org_id: str, supervision_content: str,
        measures: Sequence[str], from_: date,
    ) -> None:
        self.supervision = {
            "supervising_org_id": supervising_org_id, "supervision_content": supervision_content,
            "measures": measures, "from_": from_,
        }

    @event(ItemOnlineStatusSet)
    def _online_set(self, *, item_id: str, status: str, exemption_reason: str | None) -> None:
        self.online = (status, exemption_reason)

    @event(ItemLinkedAsSameMatter)
    def _linked(self, *, item_id: str, other_item_id: str, basis: str) -> None:
        self.same_matter[other_item_id] = basis

    @event(ItemFieldTagged)
    def _tagged(self, *, item_id: str, field: str) -> None:
        self.field = field
