"""Why a paper or rule of a town, or what rests on it, is refused."""

from collections.abc import Sequence

from shared.refusal import Refused


def filed_with_another(recipient: str, recipients: Sequence[str]) -> Refused:
    """R201: the notice names the office that receives the papers."""
    return Refused(
        "delegation.filed-with-another", {"recipient": recipient, "recipients": list(recipients)},
        f"材料应报{'、'.join(recipients)}，不报{recipient}",
    )


def no_centre(town: str) -> Refused:
    return Refused(
        "delegation.no-centre", {"town": town}, "该镇街没有登记便民服务中心，请先登记"
    )


def seal_rule_missing(town: str, centre: str | None) -> Refused:
    """R085: no seal without a rule on its use."""
    return Refused(
        "delegation.seal-rule-missing", {"town": town, "centre": centre},
        "该中心尚无施行中的“2号公章”使用管理制度，请先登记再发放",
    )
