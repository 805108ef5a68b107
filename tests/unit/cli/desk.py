"""A gateway on a real port, over a small service that answers the commands' questions."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import make_server

from services.gateway.app import make_app
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.signer import FileKey
from shared.log.tree import inclusion_proof, leaf_hash, root_of
from shared.refusal import Refused
from shared.settings import Settings
from tests.unit.gateway.backend import Backend

ORIGIN = "fuquan/mudan/cases"
CENTRE, ROLE = "MD2023-TOWN-18-CENTRE", "per_agreement"
GRANT = "0427e874-ed25-5c3c-b712-5e6a6bd6d2a9"
HELD = {
    "org_id": CENTRE, "capacity": "for_town_in_name_of_department", "filed_at": "town",
    "cross_town": "no", "mode": "entrusted_handling", "grant_id": GRANT, "scope": [],
    "instrument": None, "effective_from": "2023-06-30T16:00:00+00:00",
    "effective_to": "2024-02-29T16:00:00+00:00", "opened_by": 1521, "closed_by": 2710,
}
OF_A_ROLE = HELD | {
    "org_id": ROLE, "cross_town": "any", "effective_to": None, "closed_by": None,
}
HELD_BY = [
    row | {"item_id": "MD23-12", "town_id": "MD2023-TOWN-18", "facet": facet, "place": place}
    for row, facet, place in (
        (HELD | {"cross_town": "any"}, "accept", "granted.1521.0"),
        (HELD, "decide", "granted.1521.1"),
    )
]
PROOF = {
    "until": "2024-07-01T02:00:00+00:00", "checked": {"items": 50, "places": 20, "grants": 21},
    "found": 0, "findings": [],
}
FINDING = {
    "code": "agreement-expired", "zh": "王浩屯镇“兽药经营许可”所依协议期限已届满，请收回（R075）",
    "item": "MD23-12", "town": "MD2023-TOWN-18", "from": "2024-06-30T16:00:00+00:00", "to": None,
    "event": "delegation.AgreementSigned", "source": "delegation", "position": 826,
}
SOUND = {
    "mirrored": 3, "parked": 0, "dense": True, "first_missing": None, "root": "ab" * 32,
    "checkpoint": {"size": 3, "root": "ab" * 32, "note": "…"}, "signature": "valid",
    "root_equal": True, "witness": {"state": "cosigned", "size": 3},
}
ENVELOPES = [
    '{"actor":{"operator":"op-1","org":"MD2023-TOWN-18","role":"officer"},"type":'
    f'"cases.ApplicationSubmitted","stream":"{GRANT}","version":{version},"occurred_at":'
    f'"2023-09-01T01:00:00+00:00","recorded_at":"2023-09-01T01:00:0{version}+00:00"}}'
    for version in (1, 2, 3)
]


class Desk(Backend):
    """That service: who holds what, three facts of cases of which two are signed."""

    def __init__(self, signer: FileKey) -> None:
        self.signer = signer
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.envelopes = list(ENVELOPES)
        self.empty()
        self.answers |= {
            "holders": [HELD, OF_A_ROLE], "status": {"cases": SOUND},
            "verify": {"cases": {"ok": True, "size": 3, "root": "ab" * 32, "vouched": 2}},
            "prove": PROOF, "timeline": {"svg": "<svg/>"},
        }
        self.pages = [HELD_BY]
        self.refusals: dict[str, Refused] = {}
        self.away: dict[str, Exception] = {}

    def __call__(
        self, service: str, method: str, *, door: str, request: dict[str, Any], **told: Any
    ) -> Any:
        self.asked.append((service, door, request))
        if service in self.away:
            raise self.away[service]
        if door == "organ":
            self.answers["organ"] = self._organ(request["org_id"])
        if door == "held_by":
            self.answers["held_by"] = self.pages.pop(0)
        if door == "timeline" and request.get("item", "").startswith("MD2023-TOWN"):
            raise Refused("register.unknown-item", {"item": request["item"]}, "目录中没有事项")
        if door in self.refusals:
            raise self.refusals[door]
        if door == "fact":
            self.answers["fact"] = self._fact(int(request["position"]))
        return super().__call__(service, method, door=door, request=request, **told)

    def _organ(self, org: str) -> dict[str, Any]:
        if org != CENTRE:
            raise Refused("register.unknown-organ", {"org": org}, f"未登记的单位：{org}")
        return {"org_id": CENTRE, "name": "王浩屯镇便民服务中心", "aliases": []}

    def _fact(self, position: int) -> dict[str, Any]:
        if position >= len(self.envelopes):
            raise Refused("ledger.unknown-fact", {"position": position}, f"没有第{position}号记录")
        leaves = [leaf_hash(envelope.encode()) for envelope in ENVELOPES[:2]]
        note = sign_checkpoint(Checkpoint(ORIGIN, 2, root_of(leaves)), self.signer)
        told = {"envelope": self.envelopes[position], "checkpoint": None, "proof": None}
        if position >= len(leaves):
            return told
        proof = [step.hex() for step in inclusion_proof(position, leaves)]
        return told | {"checkpoint": note, "proof": proof}


@contextmanager
def serving(desk: Desk, settings: Settings) -> Iterator[str]:
    """The gateway over *desk*; yields its address."""
    server = make_server("127.0.0.1", 0, make_app(desk, settings), threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
