"""The basic rules of a town's centre, and what rests on them (R085)."""

from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import readiness_refusals
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import Recorded, record, stream_id

SEAL_RULE = "seal"
KINDS = {
    "premises": "场所使用",
    SEAL_RULE: "“2号公章”使用管理",
    "first_inquiry": "首问负责",
    "one_time_notice": "一次性告知",
    "assisted_filing": "帮办代办",
    "staggered_hours": "错峰延时",
    "supervision_and_rating": "监督评价",
    "performance": "绩效考核",
    "accountability": "责任追究",
}


class CentreRules(Aggregate):
    """The rules registered for one centre under one programme, each in its versions."""

    class CentreRuleRegistered(Recorded):
        centre_id: str
        kind: str
        version: int
        in_force_from: date

        def apply(self, aggregate: "CentreRules") -> None:
            aggregate.versions[self.kind] = self.version
            earlier = aggregate.since.get(self.kind, self.in_force_from)
            aggregate.since[self.kind] = min(earlier, self.in_force_from)

    @staticmethod
    def create_id(programme: str, centre: str) -> UUID:
        return stream_id("centre-rules", programme, centre)

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.since: dict[str, date] = {}

    @classmethod
    def register(
        cls, before: "CentreRules | None", *, programme: str, town: Row, kind: str,
        in_force_from: date,
    ) -> "CentreRules":
        """A rule of the centre, or its next version."""
        centre = town["centre_id"]
        if centre is None:
            raise readiness_refusals.no_centre(town["town_id"])
        version = 1 + (before.versions.get(kind, 0) if before else 0)
        return record(
            cls, before, cls.create_id(programme, centre), cls.CentreRuleRegistered,
            centre_id=centre, kind=kind, version=version, in_force_from=in_force_from,
        )


def check_seal_rule(programme: Row, town: Row, rules: CentreRules | None, on: date) -> None:
    """A seal goes only to a centre whose seal rule is in force, where the notice asks (R085)."""
    if not setting(programme, "seal", "rule_book_required"):
        return
    if rules is None or rules.since.get(SEAL_RULE, date.max) > on:
        raise readiness_refusals.seal_rule_missing(town["town_id"], town["centre_id"])
