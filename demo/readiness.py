"""What else a town has before it starts: supervisors, training, accounts, guides, windows (R091).

Scenario: the notices ask for these and name no dates, operators or documents.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from demo.material import acceptor, content, items
from demo.player import Player


class Readiness:
    """Brings the towns of one programme to readiness, in few commands.

    Args:
        player: to play with.
        programme: whose towns.
        on: the day on which all this is done.
        instrument: what it rests on.
    """

    def __init__(
        self, player: Player, programme: str, *, on: str, instrument: Mapping[str, Any]
    ) -> None:
        self.player, self.programme, self.on = player, programme, on
        self.instrument = instrument
        self.owner = {item["item_id"]: item["granting_org_id"] for item in items(programme)}

    def supervisors(self, lead: str) -> None:
        """Name who supervises what, where the annex does not; before any grant (R016)."""
        for item in items(self.programme):
            if item["supervising_org_id"] is None:
                self._do(f"supervisor/{item['item_id']}", "catalog", "assign_supervisor", lead, {
                    "item": item["item_id"], "org": item["granting_org_id"],
                    "content": "事中事后监管（情景）", "measures": ["双随机、一公开"],
                    "from": self.on,
                })

    def power_lists(self, lead: str) -> None:
        """Each department's list of powers, from which the menu is drawn (R023)."""
        for org, owned in self._by_owner(self.owner).items():
            self._do(f"powers/{org}", "catalog", "record_power_list", lead, {
                "org": org, "from": self.on,
                "entries": [{"item": item, "status": "in_force"} for item in owned],
            })

    def training(self, places: list[str], chosen: list[str]) -> None:
        """Each department trains the towns on its items (R093)."""
        for org, owned in self._by_owner(chosen).items():
            self._do(f"training/{org}", "delegation", "hold_training", org, {
                "held_by": org, "items": owned, "towns": places,
                "attendees": [f"op-{town[-2:]}" for town in places], "materials": ["业务手册"],
                "held_on": self.on,
            })

    def guides(self, chosen: list[str], town: str | None = None) -> None:
        """One guide for each item: the town's own, or the department's for every town (R018)."""
        for item in chosen:
            author = town or self.owner[item]
            self._do(f"guide/{town or 'all'}/{item}", "catalog", "publish_guide", author, {
                "item": item, "town": town, "author": author, "url": None,
                "published_at": f"{self.on}T11:00:00+08:00",
            })

    def counter(self, town: Mapping[str, Any], chosen: Mapping[str, str], since: str) -> None:
        """The town's windows, and an account for each body that accepts (R068, R092)."""
        self._do(f"window/{town['town_id']}", "catalog", "open_window", town["town_id"], {
            "window_id": f"{town['town_id']}-WINDOW-1", "town": town["town_id"],
            "kind": "comprehensive", "item_ids": [], "opened_on": self.on,
        })
        of: dict[str, list[str]] = defaultdict(list)
        for item, mode in sorted(chosen.items()):
            of[acceptor(self.programme, mode, town)].append(item)
        for org, accepted in of.items():
            self._do(f"account/{org}", "delegation", "grant_account", town["town_id"], {
                "system": "approval", "org": org, "operator": f"op-{org}", "items": accepted,
                "facets": ["accept"], "valid_from": since,
            })

    def bodies(self, town: Mapping[str, Any]) -> None:
        """The town names the body in it that handles its items (R042)."""
        self._do(
            f"bodies/{town['town_id']}", "delegation", "assign_handling_bodies", town["town_id"],
            {"town": town["town_id"], "body": town["centre_id"], "since": self.on},
        )

    def mechanism(self, town: Mapping[str, Any], item: str, grant: str) -> None:
        """How the town passes on what it has reviewed (R055)."""
        self._do(f"mechanism/{town['town_id']}/{item}", "delegation", "register_mechanism",
                 town["town_id"], {
                     "grant": grant, "reviewer": town["department_id"] or town["town_id"],
                     "target": self.owner[item], "limits": [],
                 })

    def rejected(self, lead: str, chosen: Mapping[str, str]) -> None:
        """For what is granted in a later mode: why the earlier ones were not possible (R057)."""
        order = [row["mode"] for row in content(self.programme)["modes"]]
        for item, mode in chosen.items():
            if earlier := order[: order.index(mode)]:
                self._do(f"assessed/{item}", "delegation", "assess_mode", lead, {
                    "item": item, "mode": mode, "answer": "met", "reason": "逐项评估（情景）",
                    "assessed_by": lead, "earlier_modes_rejected": [
                        {"mode": one, "reason": "法律、法规另有规定（情景）"} for one in earlier
                    ],
                })

    def _by_owner(self, chosen: Any) -> dict[str, list[str]]:
        grouped: dict[str, list[str]] = defaultdict(list)
        for item in sorted(chosen):
            grouped[self.owner[item]].append(item)
        return grouped

    def _do(
        self, key: str, service: str, door: str, actor: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        return self.player.do(
            f"{self.programme}/{key}", service, door, {"programme": self.programme, **request},
            at=f"{self.on}T14:00:00+08:00", actor=actor, instrument=self.instrument,
        )
