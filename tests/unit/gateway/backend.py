"""A small service that checks what it gets as the real ones do."""

from typing import Any

from shared.contracts.envelope import given_of
from shared.contracts.requests import load_request
from shared.refusal import Refused

PROGRAMME = {
    "programme_id": "MD2023", "title": "牡丹区赋权镇街实施方案", "document_no": None,
}
TOWN = {"town_id": "MD2023-TOWN-11", "name": "沙土镇", "recipient": True}
ENTRY = {
    "item_id": "MD23-04", "code": None, "name": "公共场所卫生许可（不含饭馆）", "scope": [],
    "exclusions": ["饭馆"], "power_type": "行政许可", "granting_name": "区行政审批服务局",
    "override_reason": None,
    "mode": "entrusted_handling", "mode_zh": "委托办理",
    "apply_at": ["沙土镇便民服务中心", "区行政审批服务局"], "decided_by": ["沙土镇便民服务中心"],
    "decided_by_across_towns": ["区行政审批服务局"], "in_name_of": ["区行政审批服务局"],
    "seal": "2号公章", "sealed_by": ["沙土镇便民服务中心"], "supervising_name": "区卫生健康局",
}
PUBLISHED = {
    "town": TOWN, "list_version": 2, "approved_version": 3,
    "published": [
        {"channel": "山东政务服务网", "url": None, "published_at": "2023-12-31T16:30:00+00:00"}
    ],
    "decision": {"decision_ref": "牡丹政办字〔2023〕9号"}, "entries": [ENTRY],
}
TIMELINE = {
    "of": "item", "id": "MD23-04", "name": "公共场所卫生许可",
    "heading": "“公共场所卫生许可”由谁行使",
    "programme": "MD2023", "title": "牡丹区赋权镇街实施方案", "owner": "区行政审批服务局",
    "owner_spans": [[None, None]], "known_at": None, "until": "2024-07-01T02:00:00+00:00",
    "modes": [{"mode": "entrusted_handling", "mode_zh": "委托办理"}],
    "lanes": [{
        "id": "MD2023-TOWN-11", "name": "沙土镇", "bars": [{
            "grant_id": "0427e874-ed25-5c3c-b712-5e6a6bd6d2a9", "mode": "entrusted_handling",
            "mode_zh": "委托办理", "scope": ["旅店"], "exclusive": False,
            "from": "2023-06-30T16:00:00+00:00", "to": "2024-03-01T02:30:00+00:00",
            "instrument": "赋权清单（2023-06-10）", "opened_by": 12, "closed_by": 40,
            "ended": "效果不好", "holders": [
                {"facet": "accept", "zh": "受理", "orgs": ["沙土镇便民服务中心"],
                 "across_towns": None},
                {"facet": "decide", "zh": "决定", "orgs": ["沙土镇便民服务中心"],
                 "across_towns": ["区行政审批服务局"]},
                {"facet": "seal", "zh": "用印", "orgs": ["沙土镇便民服务中心"], "across_towns": []},
            ],
        }],
    }],
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="timeline-title">'
           '<title id="timeline-title">由谁行使</title><rect width="9"/></svg>',
}
ANSWERS = {
    "programmes": [PROGRAMME],
    "towns": [
        TOWN,
        {"town_id": "MD2023-TOWN-12", "name": "吴店镇", "recipient": True},
        {"town_id": "MD2023-TOWN-99", "name": "某镇", "recipient": False},
    ],
    "published_list": PUBLISHED,
    "timeline": TIMELINE,
}


class Backend:
    """Doors that validate, refuse and answer; a command makes version 4 of what was at 3."""

    commands: list[tuple[str, str, dict[str, Any], Any]]
    answers: dict[str, Any]

    def empty(self) -> None:
        """Forget what an earlier test did."""
        self.commands = []
        self.answers = dict(ANSWERS)

    def __call__(
        self, service: str, method: str, *, door: str, request: dict[str, Any],
        given: dict[str, Any] | None = None,
    ) -> Any:
        fields = load_request(service, door, request, is_command=method == "do")
        if fields.get("programme") == "XX2024":
            raise Refused(
                "register.unknown-programme", {"programme": "XX2024"}, "未登记的实施方案：XX2024"
            )
        if method == "ask":
            if fields["after"]:
                raise Refused("log.not-yet", {"after": fields["after"]}, "本地副本尚未同步")
            return {"answer": self.answers.get(door), "as_of": {"catalog": 7}}
        circumstances = given_of(given or {})
        if circumstances.expected not in (None, 3):
            raise Refused("log.stale-version", {"current": 3}, "所见版本已过期")
        self.commands.append((service, door, request, circumstances))
        return {
            "stream": "7e4b6f0e-9a39-5b3e-8d51-6a0f3c2d1b00", "version": 4,
            "events": ["catalog.ItemCodeAssigned"],
        }
