"""Exports as .pdf to print and file: the answer, and an appendix with what proves it."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import BinaryIO

import segno
from fpdf import FPDF
from pylopdf_fonts_zh_cn import sans_path

from shared.export.answer import NOT_PROVEN, Answer
from shared.export.tables import WORD, moment, question_of
from shared.export.text import PROOF, lines_of, proof_text
from shared.export.workbook import told

FONT = "sans"
SIZES = {"title": 15, "heading": 11, "text": 9, "cell": 7.5}
LINE = 1.45  # of the size of the type
QR_MM = 28
POINT_MM = 25.4 / 72
FACTS_AT = 4  # columns of a fact in print: log, position, fact, recorded


class Report(FPDF):
    """A4 across; on each page the digest that ties it to the others."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(orientation="L", format="A4")
        self.digest = answer.digest()
        self.set_creation_date(answer.made_at)
        self.set_title(answer.table.title)
        self.set_creator("fuquan")
        self.set_lang("zh-CN")
        for style in ("", "B"):
            self.add_font(FONT, style, sans_path())
        self.set_auto_page_break(auto=True, margin=15)

    def footer(self) -> None:
        """Digest and number of the page."""
        self.set_y(-10)
        self.set_font(FONT, size=SIZES["cell"])
        self.cell(0, 5, f"摘要 sha256 {self.digest}    第{self.page_no()}页", align="C")

    def line(self, text: str, size: str = "text") -> None:  # type: ignore[override]
        """A paragraph."""
        self.set_font(FONT, size=SIZES[size])
        height = SIZES[size] * POINT_MM * LINE
        self.multi_cell(0, height, text, new_x="LMARGIN", new_y="NEXT", align="L")

    def grid(self, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
        """A table whose first row is repeated on every page."""
        self.set_font(FONT, size=SIZES["cell"])
        height = SIZES["cell"] * POINT_MM * LINE
        with self.table(
            col_widths=tuple(widths), line_height=height, text_align="LEFT", wrapmode="CHAR",
            padding=0.6,
        ) as table:
            for row in rows:
                table.row([cell or " " for cell in row])


def write_pdf(answer: Answer, into: BinaryIO) -> None:
    """The report; rows and proof are attached as files. The same answer gives the same bytes."""
    pdf = Report(answer)
    pdf.add_page()
    pdf.line(answer.table.title, "title")
    for zh, name, value in question_of(answer.asked):
        pdf.line(f"{zh} {name}：{value}")
    made_at = moment(answer.made_at.isoformat())
    pdf.line(f"制作时间 made at：{made_at}；时间均为北京时间；共{len(answer.rows)}行")
    if answer.rows:
        _rows(pdf, answer)
    else:
        pdf.line("没有符合条件的记录。 Nothing was found.", "heading")
    _appendix(pdf, answer)
    for name, content in (
        (f"{answer.door}.jsonl", b"".join(lines_of(answer)) or b"\n"),
        (f"{answer.door}.jsonl{PROOF}", proof_text(answer.proof()).encode()),
    ):
        pdf.embed_file(bytes=content, basename=name, modification_date=answer.made_at)
    into.write(bytes(pdf.output()))


def _rows(pdf: Report, answer: Answer) -> None:
    """The rows without the columns in which nothing stands; a word in Chinese alone."""
    texts = list(answer.texts())
    printed = [
        (at, one) for at, one in enumerate(answer.table.columns)
        if one.wide and any(row[at] for row in texts)
    ]
    rows = (
        [row[at].partition(" ")[0] if one.kind == WORD else row[at] for at, one in printed]
        for row in texts
    )
    pdf.grid([[one.zh for _, one in printed], *rows], [one.wide for _, one in printed])


def _appendix(pdf: Report, answer: Answer) -> None:
    pdf.add_page()
    pdf.line("附：证明 Proof", "title")
    if answer.link:
        picture = BytesIO()
        segno.make(answer.link, error="m").save(picture, kind="png", scale=6)
        pdf.image(picture, w=QR_MM)
        pdf.line(f"再次提问并核对摘要：{answer.link}")
    pdf.line(f"摘要 sha256：{answer.digest()}")
    pdf.line(
        f"附件 {answer.door}.jsonl 与 {answer.door}.jsonl{PROOF} 可存出，"
        f"以 fuquan ledger check-export {answer.door}.jsonl 离线核验。"
    )
    for heading, lines in (("已证明 Proven", answer.proven()), ("未证明 Not proven", NOT_PROVEN)):
        pdf.line(heading, "heading")
        for line in lines:
            pdf.line(line)
    pdf.line("检查点 Checkpoints", "heading")
    for note in answer.checkpoints.values():
        pdf.line(note.rstrip())
    facts = [line for line in told(answer) if len(line) > FACTS_AT + 1]
    if len(facts) > 1:
        pdf.line("依据 Facts", "heading")
        printed = [[*fact[:FACTS_AT], fact[4][:16], fact[5]] for fact in facts]
        pdf.grid(printed, (9, 7, 26, 26, 16, 6))
