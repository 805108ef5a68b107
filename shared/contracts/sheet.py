"""A table as a request brings it: its cells as text, by the row numbers people see."""

from marshmallow import RAISE, Schema, fields, validate

from shared.sheets.finding import ERRORS, WARNINGS
from shared.sheets.sheet import MOST_COLUMNS, MOST_ROWS

TEXT = validate.Length(max=32_767)  # what a spreadsheet's cell may hold


class SheetRow(Schema):
    """One row."""

    class Meta:
        unknown = RAISE

    row = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "its number on the sheet, from 1"},
    )
    cells = fields.List(
        fields.String(allow_none=True, validate=TEXT), required=True,
        validate=validate.Length(max=MOST_COLUMNS),
        metadata={"description": "text of its cells; null where empty"},
    )
    carried = fields.List(
        fields.Integer(strict=True), load_default=list,
        metadata={"description": "places, from 0, of cells that only continue a merged one"},
    )


class SheetFault(Schema):
    """What could not be read."""

    class Meta:
        unknown = RAISE

    code = fields.String(required=True, validate=validate.OneOf([*ERRORS, *WARNINGS]))
    row = fields.Integer(load_default=None, allow_none=True, strict=True)
    column = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"[A-Z]{1,3}\Z"),
        metadata={"description": "letters over the column"},
    )
    value = fields.String(load_default="", validate=TEXT)


class Sheet(Schema):
    """A sheet; in its place the file itself may be sent, .xlsx or .csv, the rest in the query."""

    class Meta:
        unknown = RAISE

    rows = fields.List(
        fields.Nested(SheetRow), required=True, validate=validate.Length(max=MOST_ROWS)
    )
    faults = fields.List(fields.Nested(SheetFault), load_default=list)
