"""What must be ready before a town starts (R091): settings say which gates block and which warn."""

from collections.abc import Mapping
from typing import Any

from services.delegation.domain.programme import Row, setting

SEAL_FREE = (None, "department_seal")


def applicable(programme: Row, mode: Row) -> list[str]:
    """The gates of the programme that concern this mode.

    A mode whose documents bear no seal of the town needs no seal there; one without an agreement
    in the notice needs none; publication counts where the notice asks for it.
    """
    absent = {
        "seal": mode["seal_kind"] in SEAL_FREE,
        "agreement": mode["agreement_force"] not in ("must", "shall"),
        "publication": not setting(programme, "publication", "required"),
        "window": mode["forward_to"] is None,
        "mechanism": mode["forward_to"] is None,
    }
    gates = setting(programme, "gates") or {}
    names = [name for name, weight in gates.items() if weight and not absent.get(name, False)]
    return names + (
        ["supervisor"] if setting(programme, "supervision", "supervisor_required") else []
    )


def check(programme: Row, mode: Row, known: Mapping[str, bool]) -> list[dict[str, Any]]:
    """Each gate with whether it is passed; what nothing records yet is null and only warns.

    Args:
        known: gates of which there is a record, passed or open.
    """
    gates = setting(programme, "gates") or {}
    return [
        {
            "name": name,
            "passed": known.get(name),
            "blocking": gates.get(name) == "block" and name in known,
        }
        for name in applicable(programme, mode)
    ]


def failed(gates: list[dict[str, Any]]) -> list[str]:
    """The blocking gates that are open."""
    return [gate["name"] for gate in gates if gate["blocking"] and not gate["passed"]]
