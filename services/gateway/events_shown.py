"""One event as auditors see it: what it says, its exact bytes, and the proof that it is logged."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Flask, Response, render_template

from services.gateway.problems import Problem
from shared.log.checkpoint import Checkpoint
from shared.log.note import split_note
from shared.log.proof import Proof
from shared.log.tree import leaf_hash, verify_inclusion
from shared.refusal import Refused
from shared.settings import SERVICES

LABELS = {
    "id": "编号", "type": "事实", "schema": "版式", "source": "来源", "stream": "对象",
    "version": "对象版次", "programme": "实施方案", "jurisdiction": "行政区划",
    "occurred_at": "行为时间", "recorded_at": "登记时间", "actor": "行为人", "org": "单位",
    "role": "角色", "operator": "经办", "instrument": "依据文件", "kind": "种类", "ref": "文号",
    "dated": "日期", "sha256": "文件摘要", "rules": "规则", "correlation": "所属过程",
    "causation": "起因", "data": "内容", "item_id": "事项", "town_id": "镇街", "mode": "方式",
    "scope": "限于", "facets": "权能", "facet": "权能", "org_id": "单位", "capacity": "身份",
    "filed_at": "受理层级", "cross_town": "跨镇街", "exclusive": "排他", "grant_id": "授权",
    "effective_from": "生效自", "agreement_id": "协议", "ground": "事由", "reason": "理由",
    "decided_by_org_id": "决定单位", "decided_on": "决定日期", "case_id": "案件",
    "authority": "权力来源", "grant_position": "授权位置", "decided_at": "决定时间",
}
Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


def add_events(app: Flask, ask: Ask) -> None:
    """Add the page of an event, its bytes, and its proof as C2SP tlog-proof."""

    @app.get("/audit/events/<source>/<int:position>")
    def audit_event(source: str, position: int) -> str:
        fact = _fact(ask, source, position)
        envelope = _opened(fact["envelope"])
        return render_template(
            "audit_event.html", fact=fact, source=source, position=position,
            type=envelope.get("type", "—"), lines=list(_lines(envelope)), proof=_proof(fact),
        )

    @app.get("/audit/events/<source>/<int:position>/envelope")
    def audit_envelope(source: str, position: int) -> Response:
        return _file(
            _fact(ask, source, position)["envelope"], f"{source}-{position}.json",
            "application/json",
        )

    @app.get("/audit/events/<source>/<int:position>/proof")
    def audit_proof(source: str, position: int) -> Response:
        proof = _proof(_fact(ask, source, position))
        if proof is None:
            raise Problem(404, "gateway.not-signed", "该事实尚未签名，请稍后再取证明")
        return _file(proof["text"], f"{source}-{position}.tlog-proof", "text/plain")


def _fact(ask: Ask, source: str, position: int) -> dict[str, Any]:
    """The fact with its checkpoint.

    Raises:
        Problem: 404, there is none.
    """
    if source in SERVICES and position < 2**63:
        try:
            told = ask("proofs", {"source": source, "positions": [position]})["answer"]
        except Refused as refused:
            if refused.code != "ledger.unknown-fact":
                raise
        else:
            return {**told["facts"][0], "checkpoint": told["checkpoint"]}
    raise Problem(404, "gateway.unknown-event", f"没有记录：{source} {position}")


def _opened(envelope: str) -> dict[str, Any]:
    """What the envelope says; nothing where it was altered into what is no envelope."""
    try:
        found = json.loads(envelope)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _proof(fact: Mapping[str, Any]) -> dict[str, Any] | None:
    """The proof, and what comes out when it is computed here; None where nothing is signed yet."""
    if fact["path"] is None:
        return None
    path = tuple(b64decode(step) for step in fact["path"])
    signed = Checkpoint.parse(split_note(fact["checkpoint"])[0])
    leaf = leaf_hash(fact["envelope"].encode())
    return {
        "text": Proof(fact["position"], path, fact["checkpoint"]).text(),
        "leaf": leaf.hex(), "root": signed.root.hex(), "size": signed.size,
        "origin": signed.origin,
        "holds": fact["position"] < signed.size
        and verify_inclusion(fact["position"], signed.size, leaf, path, signed.root),
    }


def _lines(value: Any, depth: int = 0, key: str = "") -> Iterator[dict[str, Any]]:
    """An envelope line by line: how deep, the Chinese label, the key, and the value."""
    inside = enumerate(value, 1) if isinstance(value, list) else value.items()
    for name, one in inside:
        deeper = isinstance(one, dict | list) and one
        label = LABELS.get(str(name), "") if isinstance(value, dict) else LABELS.get(key, "")
        yield {
            "depth": depth, "label": label, "key": name,
            "value": "" if deeper else _said(one),
        }
        if deeper:
            yield from _lines(one, depth + 1, str(name))


def _said(value: Any) -> str:
    if value is None or value in ([], {}):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _file(content: str, name: str, media: str) -> Response:
    return Response(content, mimetype=media, headers={
        "Content-Disposition": f'attachment; filename="{name}"'
    })
