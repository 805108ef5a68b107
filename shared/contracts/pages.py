"""How a long answer is asked for, page by page."""

from marshmallow import fields, validate

MOST = 1000


def beyond() -> fields.String:
    """Where the page before ended; left out: from the beginning."""
    return fields.String(
        load_default=None, allow_none=True,
        validate=validate.Regexp(r"(granted|own)(\.\d{1,18}){2}\Z"),
        metadata={"description": "`place` of the last row already told (上页末行)"},
    )


def limit() -> fields.Integer:
    """How many rows a page has, unless the answer ends."""
    return fields.Integer(
        load_default=MOST, validate=validate.Range(min=1, max=MOST),
        metadata={"description": "Rows at most; fewer come only at the end (行数)"},
    )
