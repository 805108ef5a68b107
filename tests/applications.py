"""One application and everybody who may meddle with it: random commands on a case, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from services.cases.domain.authority import Filing, Standing
from services.cases.domain.case import Case
from services.cases.domain.path import seal_kind
from services.cases.domain.seal_use import SealUse
from shared.refusal import Refused
from tests.histories import History
from tests.notice import notice

GRANT, TRANSFER = "grant-1", "transfer-1"
BEGUN = datetime.fromisoformat("2024-01-01T00:00:00+08:00")
CASE, EARLIER = UUID(int=2), UUID(int=1)

# Every mode of the five notices, and where cases in it are filed.
MODES = [
    ("ST2021", "direct"), ("ST2021", "substantive_review"), ("ST2021", "window_forward"),
    ("MD2023", "entrusted_handling"), ("MD2023", "entrusted_acceptance"),
    ("SR2020", "conferral"), ("GZ2020", "transfer"),
    ("ZZ2021", "direct"), ("ZZ2021", "window_forward"), ("ZZ2021", "substantive_review"),
]
ROLES = ("owner", "town", "dept", "centre", "stranger", "next")
SEALS = ("seal_no_2", "department_seal", "town_approval_seal", "bureau_approval_seal")
ENDS = ("not_accept", "withdraw", "link_duplicate")
ASIDE = (
    "notify_deficiency", "supplement", "accept", "preliminary_review", "forward",
    "receive", "hand_up", "approve", "deny", "complete", "deliver", "close", "transfer",
    *["detect_cross_town", "return_case", "review", "seal", "end_grant"] * 3,
)
# Which act takes the step that the path waits for.
TAKES = {
    "accept": "accept", "preliminary_review": "preliminary_review",
    "substantive_review": "review", "forward": "forward", "receive": "receive",
    "decide": "approve", "deliver": "deliver", "complete": "complete", None: "close",
}


@dataclass(frozen=True)
class Move:
    """One command: what, by whom, and how it turns out where there is a choice."""

    act: str
    by: str
    good: bool
    which: int


def moves(*acts: str) -> st.SearchStrategy[Move]:
    """Commands out of *acts*, by right and wrong organs."""
    return st.builds(
        Move, act=st.sampled_from(acts), by=st.sampled_from(ROLES), good=st.booleans(),
        which=st.integers(0, 3),
    )


# Most moves go on along the path, or no case would ever come to its end.
WILD = st.lists(
    st.one_of(*[moves("onward")] * 3, *[moves(*ASIDE)] * 3, moves(*ASIDE, *ENDS)),
    min_size=12, max_size=25,
)
SETTINGS = st.fixed_dictionaries({
    "mode": st.sampled_from(MODES),
    "counter": st.sampled_from(("town", "town", "town", "owner")),
    "towns": st.sampled_from(((), (), ("OTHER-TOWN",), ("OTHER-TOWN", "THIRD-TOWN"))),
    "outcome": st.sampled_from(("approval", "approval", "approval", "record", None)),
    "finishes": st.booleans(),
    "negative": st.sampled_from(("forward_for_denial", "town_returns", None)),
})


@dataclass
class Application:
    """A case before its organs; `do` plays one move and keeps what was told.

    Args:
        mode: programme and mode of the grant that the town has.
        counter: where it is handed in: ``town`` or ``owner``.
        towns: which towns, besides its own, the matter concerns.
        finishes: whether a reviewed case may be finished after the grant has ended (R131).
        negative: the programme's policy on negative opinions (R052).
    """

    mode: tuple[str, str]
    counter: str
    towns: tuple[str, ...]
    outcome: str | None
    finishes: bool
    negative: str | None
    now: datetime = BEGUN
    ended: bool = False
    transferred: bool = False
    seals: list[Any] = field(default_factory=list)
    history: History = field(default_factory=lambda: History("cases"))

    def __post_init__(self) -> None:
        programme, mode = self.mode
        rows = notice(programme)
        self.rows = [row for row in rows.content["facets"] if row["mode"] == mode]
        self.filed_at = "bureau" if mode == "transfer" else "town"
        self.exclusive = mode == "transfer"
        town = next(row for row in rows.content["towns"] if row["recipient"])
        self.item = rows.content["items"][0]["item_id"]
        self.town, self.owner = town["town_id"], rows.content["items"][0]["granting_org_id"]
        self.organs = {
            "town": self.town, "town_department": town["department_id"],
            "town_centre": town["centre_id"], "town_window": town["centre_id"],
            "district_department": self.owner, "former_department": self.owner,
            "bureau": town["department_id"],
        }
        self.town_orgs = frozenset(
            org for org in (self.town, town["department_id"], town["centre_id"]) if org
        )
        policy = rows.policy(mode)
        self.issue_on_seal = policy["issue_on_seal"]
        self.equal = rows.content["programme"]["equal_acceptance"]
        self.grant = self._grant(GRANT, mode, self.rows, self.filed_at)
        self.begin()

    def _grant(
        self, name: str, mode: str, rows: list[dict[str, Any]], filed_at: str
    ) -> dict[str, Any]:
        return {
            "grant_id": name, "mode": mode, "scope": [], "exclusive": filed_at == "bureau",
            "started_at": BEGUN, "position": 7, "town_id": self.town,
            "instrument": {"kind": "decision", "ref": "令", "dated": "2023-12-01", "sha256": None},
            "facets": [
                {
                    "facet": row["facet"], "capacity": row["capacity"] or "",
                    "org_id": self.organs.get(row["holder"]) or row["holder"],
                    "filed_at": filed_at, "cross_town": row["cross_town"],
                }
                for row in rows if row["filed_at"] == filed_at
            ],
        }

    def begin(self) -> None:
        """File the application at its counter."""
        accept = next(row for row in self.grant["facets"] if row["facet"] == "accept")
        at_town = self.counter == "town"
        self.case = self._filed(
            CASE, accept["org_id"] if at_town else self.owner, self.town if at_town else None
        )
        self.history.take(self.case)
        earlier = self._filed(EARLIER, self.owner, None)
        earlier.accept(
            self._standing(self.owner, None), town=None, site=None, issue_on_seal=False,
            outcome_kind="approval", due={"approve": None, "total": None},
        )
        self.earlier = earlier

    def _filed(self, case: UUID, chosen: str, town: str | None) -> Case:
        return Case.submit(
            domain="approval",
            case_id=str(case), item_id=self.item, subitem=None, applicant_ref="r",
            applicant_key="a", subject_key="s", channel="window", chosen_org_id=chosen,
            towns_concerned=[self.town, *self.towns] if self.towns else [], town_id=town,
            submitted_at=self.now,
        )

    # The world around the case: what the look-ups of the service would answer.

    @property
    def taken_away(self) -> dict[str, Any]:
        """An exclusive transfer of the item to a bureau that is not of this town."""
        bureau = [
            row | {"holder": "ELSEWHERE" if row["holder"] == "bureau" else row["holder"]}
            for row in notice("GZ2020").content["facets"]
        ]
        return self._grant(TRANSFER, "transfer", bureau, "bureau")

    def standing(self, org: str) -> Standing:
        """The organ before the case as it now is."""
        if self.case.grant_id is None or self.case.town is None:
            return self._standing(org, self.taken_away if self.transferred else None)
        if not self.ended or (self.finishes and self.case.reviewed_by is not None):
            return self._standing(org, self.grant)
        return self._standing(org, None, lapsed=GRANT)

    def _standing(
        self, org: str, grant: Mapping[str, Any] | None, lapsed: str | None = None
    ) -> Standing:
        return Standing(
            at=self.now, org=org, operator="op-1", grant=grant, lapsed=lapsed, owner=self.owner,
            item_position=3, holdings_version=9, town_orgs=self.town_orgs,
        )

    def organ(self, by: str) -> str:
        """The organ behind a role; ``next`` is whom the path names."""
        waits = next(
            (s["org_id"] for s in self.case.path if s["step"] == self.case.next_step),
            self.case.chosen_org,
        )
        named = {
            "owner": self.owner, "town": self.town, "dept": self.organs["town_department"],
            "centre": self.organs["town_centre"], "stranger": "STRANGER", "next": waits,
        }
        return named[by] or self.town

    # The moves.

    def do(self, move: Move) -> tuple[list[Any], Refused | None, str]:
        """Play one move; what it told, why it was refused, and who asked."""
        self.now += timedelta(hours=1)
        act, by = move.act, move.by
        if act == "onward":
            act, by = self.next_act(move), "next"
        org = self.organ(by)
        if act == "seal" and move.which:
            org = self.case.seal_user(self.standing(org))
        try:
            getattr(self, act, self._plain)(move, self.standing(org), act)
        except Refused as refused:
            return self.history.take(self.case), refused, org
        return self.history.take(self.case), None, org

    def next_act(self, move: Move) -> str:
        """The act that takes the step for which the path waits."""
        if self.case.state == "submitted":
            return "accept"
        if self.case.state == "deficient":
            return "supplement"
        if self.ended and self.case.grant_id and self.case.state in ("accepted", "returned"):
            return "hand_up"
        step = self.case.next_step
        if step == "deliver" and not self.seals and move.which:
            return "seal"
        return "deny" if step == "decide" and not move.good else TAKES[step]

    def end_grant(self, move: Move, standing: Standing, act: str) -> None:
        """The grant is recalled."""
        self.ended = True

    def transfer(self, move: Move, standing: Standing, act: str) -> None:
        """The item moves wholly to a bureau elsewhere."""
        self.transferred = True

    def accept(self, move: Move, standing: Standing, act: str) -> None:
        """By whoever asks, under what `Filing` finds in force there."""
        self.case.admit("accept")
        town = self.town if standing.org in self.town_orgs else None
        in_force = [] if self.ended else [self.grant]
        grant = Filing(
            item={"item_id": self.item, "granting_org_id": self.owner, "exclusions": []},
            subitem=None, town=town or self.case.town, org=standing.org, org_town=town,
            at=self.now, grants=in_force,
            transfers=[self.taken_away] if self.transferred else
            [g for g in in_force if g["exclusive"]],
            equal_acceptance=self.equal, go_to={"org_id": self.owner, "name": "x"}, towns=[],
        ).grant()
        self.case.accept(
            self._standing(standing.org, grant), town=town, site=None,
            issue_on_seal=bool(grant and self.issue_on_seal), outcome_kind=self.outcome,
            due={"forward": None, "approve": None, "total": self.now},
        )

    def seal(self, move: Move, standing: Standing, act: str) -> None:
        """The kind prescribed, or any."""
        right = seal_kind(standing.grant, owner=self.owner, cross_town=self.case.cross_town)
        kind = right if right and move.which > 1 else SEALS[move.which]
        of_pair = kind == "seal_no_2"
        self.seals.append((self.case.cross_town, SealUse.apply(
            standing, self.case, document_hash="00", seal={
                "seal_id": kind, "kind": kind, "custodian_org_id": standing.org,
                "in_use": move.good, "state": "suspended",
                "department_id": self.owner if of_pair else None,
                "town_id": self.town if of_pair else None,
            },
        )))

    def _plain(self, move: Move, standing: Standing, act: str) -> None:
        good, kind = move.good, {"outcome_kind": self.outcome}
        told: dict[str, dict[str, Any]] = {
            "notify_deficiency": {"items": [f"m{move.which}"], "document_ref": "d"},
            "supplement": {"items": [f"m{move.which}", "m0"]},
            "not_accept": {
                "reason_code": "outside_scope" if good else "other", "legal_basis": "l",
                "document_ref": "d",
            },
            "detect_cross_town": {
                "town": (self.town, "OTHER-TOWN", "THIRD-TOWN", "OTHER-TOWN")[move.which], **kind
            },
            "preliminary_review": {"result": "ok" if good else "defects", "defects": []},
            "review": {
                "result": "positive" if good else "negative", "opinion_ref": "o",
                "opinion_seal": "s" if move.which else None,
            },
            "forward": {
                "to": self.owner if move.which else "STRANGER", "opinion_ref": None,
                "negative_opinion": self.negative,
            },
            "return_case": {
                "reason_code": "seal_missing" if good else "merits", "text": "t",
                "negative_opinion": self.negative, **kind,
            },
            "hand_up": {"cause": "recall", **kind},
            "approve": {"decision_id": "x", "seal_id": None, **kind},
            "deny": {
                "decision_id": "x", "reason": "r", "legal_basis": "l", "document_ref": "d",
                "ground": "merits" if good else "formal", **kind,
            },
            "complete": {"given": "record" if good else "answer", "result_ref": None, **kind},
            "deliver": {"document_hash": None, "sealed": good},
            "receive": {}, "close": {}, "withdraw": {},
        }
        if act == "link_duplicate":
            self.case.link_duplicate(self.earlier if good else self.case)
        else:
            getattr(self.case, act)(standing, **told[act])
