"""Requests at catalog's doors: item catalogues as tables."""

from marshmallow import fields

from shared.contracts.asked_catalog_fields import AboutProgramme, OfProgramme, text
from shared.contracts.requests import command, question
from shared.contracts.sheet import Sheet

TABLE = {"description": "The table (表格); or the file itself as the body, .xlsx or .csv"}


@question("catalog", "preview_catalogue", in_body=True)
class PreviewCatalogue(AboutProgramme):
    """What is wrong with a table of items, and what its import would change (导入预览)."""

    sheet = fields.Nested(Sheet, required=True, metadata=TABLE)


@command("catalog", "import_catalogue")
class ImportCatalogue(OfProgramme):
    """List the new items of a table; nothing is recorded while one row is wrong (导入目录)."""

    sheet = fields.Nested(Sheet, required=True, metadata=TABLE)
    instrument_ref = text("Document that issues the catalogue's new version", required=False)
