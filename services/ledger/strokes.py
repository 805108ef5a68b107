"""Words and lines of a picture, as SVG elements with attributes only."""

import re
import xml.etree.ElementTree as ET

INK, SOFT, FAINT, PAPER = "#1b1b1b", "#767676", "#d5d5d5", "#ffffff"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CJK = 0x2E80  # the first character that is as wide as it is high


def width(text: str, size: float) -> float:
    """How wide *text* is about: a Chinese character is square, others are narrower."""
    return sum(size if ord(one) >= CJK else size * 0.56 for one in text)


def words(
    parent: ET.Element, x: float, y: float, text: str, *, size: float = 13, anchor: str = "start",
    weight: str = "400", fill: str = INK, halo: bool = False,
) -> None:
    told = {
        "x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size), "text-anchor": anchor,
        "font-weight": weight, "fill": fill,
    }
    if halo:
        told |= {"stroke": PAPER, "stroke-width": "3", "paint-order": "stroke",
                 "stroke-linejoin": "round"}
    set_text(ET.SubElement(parent, "text", told), text)


def line(
    root: ET.Element, x: float, y: float, to_x: float, to_y: float, stroke: str, dash: str = ""
) -> None:
    told = {"x1": f"{x:.1f}", "y1": f"{y:.1f}", "x2": f"{to_x:.1f}", "y2": f"{to_y:.1f}",
            "stroke": stroke}
    ET.SubElement(root, "line", told | ({"stroke-dasharray": dash} if dash else {}))


def set_text(element: ET.Element, text: str) -> None:
    """Set the text, without characters that no XML may hold."""
    element.text = NOT_XML.sub("\ufffd", text)
