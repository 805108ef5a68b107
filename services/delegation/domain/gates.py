"""What must be ready before a town starts (R091): settings say which gates block and which warn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.delegation.domain.programme import Row, setting, town_holds

SEAL_FREE = (None, "department_seal")


@dataclass(frozen=True)
class Gate:
    """A gate, the rule that asks for it, and what opens it."""

    name: str
    rule: str
    opens: str


GATES = (
    Gate("agreement", "R070", "由赋权部门与镇街签订书面协议，生效日须在协议期限之内"),
    Gate("supervisor", "R016", "补录该事项的监管责任主体、监管内容和监管措施"),
    Gate("handover", "R090", "由移交方按交接清单逐项移交，由镇街逐项签收"),
    Gate("training", "R093", "由赋权部门就该事项组织培训，并登记参训人员"),
    Gate("account", "R092", "安装审批系统，为镇街开通含该事项的账号"),
    Gate("guide", "R018", "编制该事项的办事指南并公布"),
    Gate("seal", "R086", "刻制、发放或登记本方式所用的公章，并使其在用"),
    Gate("mechanism", "R055", "登记审核转报机制：审核机构、副职、转报去向、时限"),
    Gate("window", "R068", "在便民服务中心开设含该事项的受理窗口"),
    Gate("handling_body", "R042", "由镇街确定该事项的具体承办机构"),
    Gate("takeover_plan", "R045", "由镇街制定承接方案，报方案指定的办公室"),
    Gate("publication", "R041", "向社会公布含该事项的清单或目录"),
)

# What goes before all gates.
GRANT = Gate("grant", "R003", "由有权机关作出赋权决定")
MODE = Gate("mode", "R021", "在镇街清单中逐事项明确赋权实施方式")

# Recorded for one grant: they cannot be there before it.
OF_THE_GRANT = ("handover", "mechanism", "handling_body")


def weights(programme: Row) -> dict[str, str | None]:
    """How each gate weighs in the programme: block, warn, or nothing where it is silent."""
    said = setting(programme, "gates") or {}
    required = setting(programme, "supervision", "supervisor_required")
    return {
        gate.name: said.get(gate.name) for gate in GATES
    } | {"supervisor": "block" if required else None}


def concerning(programme: Row, mode: Row) -> list[Gate]:
    """The gates that this mode can have.

    A mode whose documents bear no seal of the town needs no seal there; one without an agreement
    in the notice needs none; a window is for what a window accepts (R068), a mechanism for what
    the town reviews and passes on (R055); publication counts where the notice asks for it.
    """
    absent = {
        "seal": mode["seal_kind"] in SEAL_FREE,
        "agreement": mode["agreement_force"] not in ("must", "shall"),
        "publication": not setting(programme, "publication", "required"),
        "window": not town_holds(mode, "accept", ("town_window",)),
        "mechanism": not reviews_and_forwards(mode),
        "supervisor": not setting(programme, "supervision", "supervisor_required"),
    }
    return [gate for gate in GATES if not absent.get(gate.name, False)]


def reviews_and_forwards(mode: Row) -> bool:
    """Whether the town reviews in substance and another organ decides (R052, R055)."""
    return mode["forward_to"] is not None and town_holds(mode, "substantive_review")


def applicable(programme: Row, mode: Row) -> list[str]:
    """The gates that count for this mode in this programme."""
    weighed = weights(programme)
    return [gate.name for gate in concerning(programme, mode) if weighed[gate.name]]


def check(programme: Row, mode: Row, known: Mapping[str, bool]) -> list[dict[str, Any]]:
    """Each gate that counts, with whether it is passed.

    Args:
        known: gates of which there is a record, passed or open. Without one a blocking gate is
            open, and one that only warns is null.
    """
    weighed = weights(programme)
    return [
        {
            "name": name,
            "passed": known.get(name, False if weighed[name] == "block" else None),
            "blocking": weighed[name] == "block",
        }
        for name in applicable(programme, mode)
    ]


def failed(gates: Iterable[Mapping[str, Any]]) -> list[str]:
    """The blocking gates that are open."""
    return [gate["name"] for gate in gates if gate["blocking"] and not gate["passed"]]


def opening(names: Iterable[str]) -> list[str]:
    """What opens the gates of these names."""
    asked = set(names)
    return [gate.opens for gate in GATES if gate.name in asked]


def failed_before(programme: Row, mode: Row, known: Mapping[str, bool]) -> list[str]:
    """The blocking gates that are open, of those that can be passed before the grant (R184)."""
    return [name for name in failed(check(programme, mode, known)) if name not in OF_THE_GRANT]


def decided(*, granted: bool, mode: str | None) -> list[dict[str, Any]]:
    """Whether the grant is decided, and its mode at least named (R003, R021)."""
    return [_row(GRANT, "block", "passed" if granted else "open"),
            _row(MODE, "block", "passed" if mode else "open")]


def readiness(programme: Row, mode: Row, known: Mapping[str, bool]) -> list[dict[str, Any]]:
    """Every gate that the mode can have: its weight, its state, its rule, what opens it."""
    weighed = weights(programme)
    passed = {gate["name"]: gate["passed"] for gate in check(programme, mode, known)} | dict(known)
    return [
        _row(gate, weighed[gate.name], STATES[passed.get(gate.name)])
        for gate in concerning(programme, mode)
    ]


STATES = {True: "passed", False: "open", None: "not_on_record"}


def _row(gate: Gate, weight: str | None, state: str) -> dict[str, Any]:
    return {
        "name": gate.name, "setting": weight, "state": state, "rule": gate.rule,
        "next": None if state == "passed" else gate.opens,
    }
