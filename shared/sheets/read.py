"""Reads a file of a table by what it is, not by what it is called."""

from shared.sheets import text, workbook
from shared.sheets.sheet import Sheet, unread

MOST_BYTES = 5 * 2**20
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROTECTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/csv"


def read(data: bytes, name: str) -> Sheet:
    """The rows of a table; what cannot be read is told by the sheet's faults.

    Args:
        data: the file's bytes.
        name: of the file, or its media type: says what the bytes ought to be.
    """
    if len(data) > MOST_BYTES:
        return unread("too_many_bytes", MOST_BYTES)
    if data.startswith(OLE):
        return unread("password" if PROTECTED in data else "old_workbook")
    if data.startswith(ZIP):
        return workbook.read(data)
    if name == WORKBOOK or name.lower().endswith((".xlsx", ".xlsm", ".xls")):
        return unread("no_workbook", name)
    return text.read(data)
