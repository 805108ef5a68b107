"""What may be asked of the ledger as a witness: checkpoints, evidence, tiles."""

from marshmallow import ValidationError, fields, validate

from shared.contracts.events import SERVICES
from shared.contracts.requests import Code, Question, question
from shared.log.tiles import Tile

LONGEST = 60


def _source() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(SERVICES),
        metadata={"description": "The service whose log is meant (来源)"},
    )


def _of_a_tile(path: str) -> None:
    try:
        Tile.parse(path)
    except ValueError as wrong:
        raise ValidationError("No path of a tile.") from wrong


@question("ledger", "checkpoint")
class LatestCheckpoint(Question):
    """The longest signed checkpoint that was witnessed, with every cosignature (见证检查点)."""

    source = _source()
    witness = Code(
        load_default=None,
        metadata={"description": "Only what this witness, by name, has cosigned too (见证方)"},
    )


@question("ledger", "handover")
class Handover(Question):
    """The checkpoint with which one key of a log handed over to the next (换钥检查点)."""

    source = _source()
    position = fields.Integer(
        required=True,
        validate=validate.Range(min=0, max=2**63 - 1),
        metadata={"description": "Of the rotation in that log, from 0 (位置)"},
    )


@question("ledger", "evidence")
class Evidence(Question):
    """Each two signed checkpoints that no one history has, both in full (分叉证据)."""

    source = _source()


@question("ledger", "tile")
class OneTile(Question):
    """A tile of hashes or a bundle of entries of a mirrored log, as base64 (存证瓦片)."""

    source = _source()
    path = fields.String(
        required=True,
        validate=[validate.Length(max=LONGEST), _of_a_tile],
        metadata={"description": "As C2SP tlog-tiles has it, e.g. tile/0/000.p/7 (路径)"},
    )
