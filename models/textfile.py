"""What is to be known of a file of text before it is read: how its letters are written, how many lines it has."""

import codecs
import re
from pathlib import Path

BLOCK = 2**20
"""Bytes looked at together."""
_BROKEN = re.compile("[\udc80-\udcff]")
"""What Python makes of a byte that is no UTF-8."""


def encoding_of(path: Path) -> str:
    """Return how a file's letters are written: by its mark, by its zeros, else UTF-8, else Windows-1252.

    Where some bytes are no UTF-8 but more letters are, the file is UTF-8 that is broken in those places: read as
    Windows-1252, every é of it would become two signs. In each broken place the reader sees that a letter is missing.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return _wide(head) or ("utf-8-sig" if _mostly_utf8(path) else "cp1252")


def _mostly_utf8(path: Path) -> bool:
    """Whether no more of a file is broken UTF-8 than is whole; what is cut at its end counts as one letter, broken."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken = whole = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            text = decoder.decode(block)
            if not text.isascii():
                bad, other = len(_BROKEN.findall(text)), len(text) - len(text.encode("ascii", "ignore"))
                broken, whole = broken + bad, whole + other - bad
    cut = bool(decoder.getstate()[0])
    return broken + cut <= whole


def _wide(head: bytes) -> str:
    """Return the encoding of a file that takes two or four bytes for each letter, nothing where it does not."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):  # begins with the mark of UTF-16
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for width, letter in ((4, 0.6), (2, 0.35)):  # of English without a mark, all bytes but one of each letter are zero
        if head.count(0) > letter * len(head):
            little = head[::width].count(0) < head[width - 1 :: width].count(0)
            return f"utf-{8 * width}-{'le' if little else 'be'}"
    return ""


def lines_of(path: Path) -> int:
    """Return how many lines a file has, to within a few: nothing is decoded."""
    lines = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            block = block.replace(b"\0", b"")  # where letters take two or four bytes, line ends do as well
            lines += block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
    return lines
