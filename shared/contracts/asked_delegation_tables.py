"""What may be asked of the delegation service: towns' lists as tables."""

from marshmallow import fields

from shared.contracts.asked_delegation_fields import PROGRAMME, TOWN, code
from shared.contracts.requests import Question, question
from shared.contracts.sheet import Sheet


@question("delegation", "preview_list", in_body=True)
class PreviewList(Question):
    """What is wrong with a table of a town's list, and its draft, 清单导入预览 (R021, R022).

    The answer's ``draft`` is the request of the command ``draft_list``.
    """

    programme = code(PROGRAMME)
    town = code(TOWN)
    sheet = fields.Nested(
        Sheet, required=True,
        metadata={"description": "the table; or the file itself as the body, .xlsx or .csv"},
    )


@question("delegation", "list_lines")
class ListLines(Question):
    """The current list of a town with the names that people read, 清单导出 (R021)."""

    town = code(TOWN)
