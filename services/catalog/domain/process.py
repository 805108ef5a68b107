"""How an item is worked: its figures against the baseline, and its guide (R018, R140-R143)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import event

from services.catalog.domain import item_refusals as refusals
from services.catalog.domain.stream import Stream
from shared.refusal import Refused

FIGURES = ("steps", "limit_value", "materials")
NEVER_INCREASE = "never_increase"
SIMPLIFY = "simplify"

Figures = Mapping[str, Any]


class Process(Stream):
    """Steps, time limit and materials of one item: as they were, and as they are in each town."""

    class ItemBaselineRecorded(Stream.Happened):
        item_id: str
        steps: int
        limit_value: int
        limit_unit: str
        materials: int
        taken_on: date

    class ItemBaselineCorrected(Stream.Happened):
        item_id: str
        old: dict[str, Any]
        new: dict[str, Any]
        reason: str

    class ItemProcessRevised(Stream.Happened):
        item_id: str
        town_id: str | None
        steps: int
        limit_value: int
        limit_unit: str
        materials: int
        version: int

    class ReductionRuleBreached(Stream.Happened):
        item_id: str
        town_id: str | None
        before: dict[str, Any]
        after: dict[str, Any]
        reason_code: str
        reason_zh: str
        facts: dict[str, Any]

    class ServiceGuidePublished(Stream.Happened):
        item_id: str
        town_id: str | None
        version: int
        author_org_id: str
        url: str | None
        warnings: list[str]
        published_at: datetime

    @staticmethod
    def create_id(item_id: str) -> UUID:
        """The stream of an item's process."""
        return uuid5(NAMESPACE_URL, f"fuquan:process:{item_id}")

    def begin(self) -> None:
        """No figure taken, no guide published."""
        self.baseline: dict[str, Any] | None = None
        self.current: dict[str | None, dict[str, Any]] = {}
        self.versions: dict[str | None, int] = {}
        self.breached: set[str | None] = set()
        self.guides: dict[str | None, dict[str, Any]] = {}

    def record_baseline(
        self, *, item: str, taken_on: date, granted: Sequence[str], **figures: Any
    ) -> None:
        """Take the figures once, before the item is granted anywhere (R143)."""
        if self.baseline == figures:
            return
        if self.baseline is not None:
            raise refusals.baseline_frozen(item, self.baseline)
        if granted:
            raise refusals.baseline_after_grant(item, granted)
        self._baseline_recorded(item_id=item, taken_on=taken_on, **figures)

    def correct_baseline(self, *, item: str, reason: str, **figures: Any) -> None:
        """Correct a wrong figure; both values stay on record (R143)."""
        if self.baseline is None:
            raise refusals.no_baseline(item)
        if self.baseline != figures:
            self._baseline_corrected(item_id=item, old=self.baseline, new=figures, reason=reason)

    def revise(self, *, item: str, town: str | None, rule: str, **figures: Any) -> None:
        """Set the figures of one town or of all; none may rise where the notice says so (R140)."""
        if rule == NEVER_INCREASE:
            if self.baseline is None:
                raise refusals.no_baseline(item)
            if increased := increases(self.baseline, figures):
                raise refusals.increased(item, town, increased, self.baseline, figures)
        if self.current.get(town) != figures:
            version = self.versions.get(town, 0) + 1
            self._revised(item_id=item, town_id=town, version=version, **figures)

    def breach(self, *, item: str, town: str | None, figures: Figures, why: Refused) -> None:
        """Keep on record that a rise was asked for and refused (R140)."""
        self._breached(
            item_id=item, town_id=town, before=self.baseline, after=dict(figures),
            reason_code=why.code, reason_zh=why.zh, facts=dict(why.facts),
        )

    def publish_guide(
        self, *, item: str, town: str | None, author: str, authors: Sequence[str] | None,
        rule: str, url: str | None, published_at: datetime,
    ) -> None:
        """Publish the one current guide of the item, for one town or for all (R018).

        Args:
            authors: who writes guides by the notice; None: it does not say.
        """
        if authors is not None and author not in authors:
            raise refusals.guide_by_other_author(item, author, authors)
        if town in self.breached:
            raise refusals.reduction_rule_breached(item, town)
        known = self.guides.get(town)
        if known and (known["author"], known["url"]) == (author, url):
            return
        revised = town in self.current or None in self.current
        warnings = ["no_streamlining_recorded"] if rule == SIMPLIFY and not revised else []
        self._guide_published(
            item_id=item, town_id=town, version=known["version"] + 1 if known else 1,
            author_org_id=author, url=url, warnings=warnings, published_at=published_at,
        )

    @event(ItemBaselineRecorded)
    def _baseline_recorded(
        self, *, item_id: str, steps: int, limit_value: int, limit_unit: str, materials: int,
        taken_on: date,
    ) -> None:
        self.baseline = {
            "steps": steps, "limit_value": limit_value, "limit_unit": limit_unit,
            "materials": materials,
        }

    @event(ItemBaselineCorrected)
    def _baseline_corrected(
        self, *, item_id: str, old: dict[str, Any], new: dict[str, Any], reason: str
    ) -> None:
        self.baseline = dict(new)

    @event(ItemProcessRevised)
    def _revised(
        self, *, item_id: str, town_id: str | None, steps: int, limit_value: int, limit_unit: str,
        materials: int, version: int,
    ) -> None:
        self.current[town_id] = {
            "steps": steps, "limit_value": limit_value, "limit_unit": limit_unit,
            "materials": materials,
        }
        self.versions[town_id] = version
        self.breached.discard(town_id)

    @event(ReductionRuleBreached)
    def _breached(
        self, *, item_id: str, town_id: str | None, before: dict[str, Any] | None,
        after: dict[str, Any], reason_code: str, reason_zh: str, facts: dict[str, Any],
    ) -> None:
        self.breached.add(town_id)

    @event(ServiceGuidePublished)
    def _guide_published(
        self, *, item_id: str, town_id: str | None, version: int, author_org_id: str,
        url: str | None, warnings: list[str], published_at: datetime,
    ) -> None:
        self.guides[town_id] = {"version": version, "author": author_org_id, "url": url}


def increases(before: Figures, after: Figures) -> dict[str, tuple[Any, Any]]:
    """The figures that rose, each with both values; another unit cannot be compared and counts.

    Source:
        R140: a trade-off, fewer steps for more materials, is a breach too.
    """
    rose = {
        name: (before[name], after[name]) for name in FIGURES if after[name] > before[name]
    }
    if before["limit_unit"] != after["limit_unit"]:
        rose["limit_unit"] = (before["limit_unit"], after["limit_unit"])
    return rose
