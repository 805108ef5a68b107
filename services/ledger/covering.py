"""One checkpoint over everything that is to be proven of a log, and the proofs under it."""

from dataclasses import dataclass

from services.ledger.mirror import Mirror
from services.ledger.vouched import Vouched
from shared.log.checkpoint import Checkpoint
from shared.log.proof import Proof
from shared.log.tiles import Tree
from shared.log.tree import leaf_hash, verify_inclusion
from shared.refusal import Refused

EVERY = 1  # seconds: so often the relay signs, while there is something new


@dataclass(frozen=True)
class Covering:
    """A checkpoint that the mirror is known to agree with.

    Args:
        note: as signed, with every cosignature that is known.
        tree: the first ``checkpoint.size`` entries of the mirror.
    """

    source: str
    checkpoint: Checkpoint
    note: str
    tree: Tree

    def proof(self, position: int, envelope: bytes) -> str:
        """The tlog-proof that the log has these bytes at *position*.

        Raises:
            Refused: ``ledger.mirror-damaged``: the mirror has other bytes there than were signed.
        """
        path = self.tree.inclusion(position)
        at = self.checkpoint
        if not verify_inclusion(position, at.size, leaf_hash(envelope), path, at.root):
            raise damaged(self.source, position)
        return Proof(position, tuple(path), self.note).text()


def covering(mirror: Mirror, position: int) -> Covering:
    """A checkpoint over the entry at *position*: the longest witnessed, else the log's latest.

    Raises:
        Refused: ``ledger.source-away``, ``ledger.not-signed``, ``ledger.not-yet-signed``,
            ``ledger.mirror-incomplete``, ``ledger.mirror-damaged``.
    """
    name, dense = mirror.name, mirror.dense()
    if dense <= position:
        raise Refused(
            "ledger.mirror-incomplete", {"source": name, "first_missing": dense},
            f"{name}日志的副本缺少第{dense}号记录（可能被搁置），补齐之前不能出具证明，"
            "请运维人员处理（fuquan log status）",
        )
    checkpoint, note = Vouched(mirror.database, name).over(position, dense) or _signed(
        mirror, position, dense
    )
    tree = mirror.tree(checkpoint.size)
    if tree.root() != checkpoint.root:
        raise Refused(
            "ledger.mirror-damaged", {"source": name, "size": checkpoint.size},
            f"{name}日志的副本与已签名的根不符，请运维人员核验（fuquan log verify {name}）",
        )
    return Covering(name, checkpoint, note, tree)


def _signed(mirror: Mirror, position: int, dense: int) -> tuple[Checkpoint, str]:
    """The log's own latest checkpoint, which no witness has vouched for yet."""
    name, signed = mirror.name, mirror.signed(most=dense)
    if signed.checkpoint is None or signed.note is None:
        raise _unsigned(name, signed.signature, position)
    size = signed.checkpoint.size
    if size <= position:
        raise Refused(
            "ledger.not-yet-signed",
            {"source": name, "position": position, "signed": size, "every_seconds": EVERY},
            f"{name}日志第{position}号记录尚未签名（已签至第{size - 1}号）；"
            f"日志每{EVERY}秒签名一次，请稍后再试",
        )
    return signed.checkpoint, signed.note


def damaged(source: str, position: int) -> Refused:
    """The mirror lacks an entry, or has other bytes than were signed."""
    return Refused(
        "ledger.mirror-damaged", {"source": source, "position": position},
        f"{source}日志的副本缺少第{position}号记录，或其内容与签名不符，"
        f"请运维人员核验（fuquan log verify {source}）",
    )


def _unsigned(source: str, signature: str, position: int) -> Refused:
    if signature == "source-away":
        return Refused(
            "ledger.source-away", {"source": source},
            f"{source}服务的日志暂时无法读取，请稍后再试",
        )
    if signature == "no-checkpoint":
        return Refused(
            "ledger.not-yet-signed",
            {"source": source, "position": position, "signed": 0, "every_seconds": EVERY},
            f"{source}日志尚未签名；中继运行时每{EVERY}秒签名一次，请稍后再试",
        )
    return Refused(
        "ledger.not-signed", {"source": source, "signature": signature},
        f"{source}日志最近的签名不可信（{signature}），请运维人员核查密钥",
    )
