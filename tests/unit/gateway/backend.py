"""A small service that checks what it gets as the real ones do."""

from typing import Any

from shared.contracts.requests import load_request
from shared.entrypoints import given_of
from shared.refusal import Refused

PROGRAMME = {
    "programme_id": "MD2023", "title": "牡丹区赋权镇街实施方案", "document_no": None,
}
TOWN = {"town_id": "MD2023-TOWN-11", "name": "沙土镇", "recipient": True}
ENTRY = {
    "item_id": "MD23-04", "name": "公共场所卫生许可（不含饭馆）", "scope": [],
    "exclusions": ["饭馆"],
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
ANSWERS = {
    "programmes": [PROGRAMME],
    "towns": [
        TOWN,
        {"town_id": "MD2023-TOWN-12", "name": "吴店镇", "recipient": True},
        {"town_id": "MD2023-TOWN-99", "name": "某镇", "recipient": False},
    ],
    "published_list": PUBLISHED,
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
