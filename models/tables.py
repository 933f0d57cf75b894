"""Reads tables row by row: CSV, TSV, JSON lines, Parquet. Memory does not grow with the file.

Knows nothing of models. A row that cannot be read is yielded as a BadRow with its line, and reading goes on.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from models import parquet
from models.textfile import encoding_of, lines_of
from tasks.spec import UserError

MAX_CELL = 2**24
"""Characters the CSV reader takes for one cell before it gives the row up; a longer one is an unclosed quote."""
MAX_COLUMNS = 1000
HEAD = 2**16
"""Characters of a file looked at for what parts its columns, and"""
HEAD_ROWS = 20
"""how many of the rows in them."""

_MAGIC = {
    b"PK\x03\x04": "a zip archive (or a spreadsheet)",
    b"\x1f\x8b": "a gzip archive",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}
_TOLD = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)
"""A first line by which a spreadsheet says what parts the columns; it is no header."""
Cells = Mapping[str, Any]


@dataclass(frozen=True)
class BadRow:
    """A row that was skipped: the line it begins on (1 is the header, or the first JSON line) and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Row:
    """A row and the line it begins on."""

    line: int
    cells: Cells

    @property
    def weight(self) -> int:
        """Return about how many characters its cells hold."""
        return len(str(self.cells))


class Table:
    """A file on disk, known by its columns; iterate over it as often as you like."""

    def __init__(self, path: Path) -> None:
        """Look at the file's first bytes and its columns.

        Raises:
            UserError: if the file is empty, of a kind not read here, or has no usable header.
        """
        self.path = path
        self.kind = path.suffix.lower().lstrip(".")
        if self.kind not in _READERS:
            raise UserError("This kind of file is not read here; use .csv, .tsv, .jsonl or .parquet.")
        _check_magic(path, self.kind)
        self.encoding = "utf-8" if self.kind == "parquet" else encoding_of(path)
        self.delimiter, self.told = ("", False) if self.kind in ("jsonl", "parquet") else _delimiter(self)
        self.columns = tuple(_distinct(_columns(self)))

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Yield the rows in order."""
        return _READERS[self.kind](self)

    @cached_property
    def lines(self) -> int:
        """Return how many lines there are, to within a few, of Parquet how many rows: what `Row.line` counts."""
        return pq.read_metadata(self.path).num_rows if self.kind == "parquet" else lines_of(self.path)

    def schema(self) -> pa.Schema | None:
        """Return the column types of a Parquet file; the other kinds have none."""
        return pq.ParquetFile(self.path).schema_arrow if self.kind == "parquet" else None


def _check_magic(path: Path, kind: str) -> None:
    with path.open("rb") as file:
        head = file.read(512)
    if not head.strip(b"\x00 \r\n\t"):
        raise UserError("This file is empty.")
    if kind == "parquet":
        if head[:4] != b"PAR1":
            raise UserError("This file is named .parquet but is no Parquet file.")
        return
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise UserError(f"This file is named .{kind} but is {name}; save it as text first.")
    if head.startswith(b"PAR1"):
        raise UserError(f"This file is named .{kind} but is a Parquet file; rename it.")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise UserError(f"This file is named .{kind} but is a web page.")


def _open(table: Table) -> IO[str]:
    return table.path.open(encoding=table.encoding, errors="replace", newline="")


def _delimiter(table: Table) -> tuple[str, bool]:
    """Return what parts the columns, and whether a first line before the header says so."""
    with _open(table) as file:
        head = file.read(HEAD)
    first = re.split(r"[\r\n]", head, maxsplit=1)[0]
    if told := _TOLD.fullmatch(first):
        return told[1], True
    if table.kind == "tsv":
        return "\t", False
    return max(",;\t|", key=lambda delimiter: _fit(head, delimiter)), False


def _fit(head: str, delimiter: str) -> tuple[bool, float, int]:
    """Return how well a delimiter suits the head of a file; the one that parts its rows alike compares highest."""
    csv.field_size_limit(MAX_CELL)
    try:
        rows = list(islice(filter(None, csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)), HEAD_ROWS + 1))
    except csv.Error:
        return False, 0.0, 0
    if len(head) == HEAD and 2 < len(rows) <= HEAD_ROWS:
        rows.pop()  # the head may end in its midst
    width = len(rows[0]) if rows else 0
    alike = sum(len(row) == width for row in rows[1:]) / max(len(rows) - 1, 1)
    return width > 1, alike, width


def _reader(table: Table, file: IO[str]) -> Any:
    """Return a CSV reader that stands before the header."""
    csv.field_size_limit(MAX_CELL)
    if table.told:
        file.readline()
    return csv.reader(file, delimiter=table.delimiter)


def _columns(table: Table) -> Sequence[str]:
    if table.kind == "parquet":
        return parquet.names(table.path)
    if table.kind == "jsonl":
        return _jsonl_columns(table)
    with _open(table) as file:
        try:
            names = next(_reader(table, file), [])
        except csv.Error as error:
            raise UserError("The first line of this file cannot be read as column names.") from error
    names = [name.strip() for name in names]
    if any("\0" in name for name in names):
        raise UserError("This file is no plain text that can be read here; save it as CSV in UTF-8 first.")
    if not any(names):
        raise UserError("The first line of this file holds no column names.")
    _check_few(names)
    return _named(names)


def _named(names: Sequence[str]) -> Sequence[str]:
    """Name the columns that have no header by their place: a spreadsheet saves emptied columns along."""
    taken, found = set(names), []
    for place, name in enumerate(names, 1):
        tries = (f"column {place} ({n})" if n > 1 else f"column {place}" for n in range(1, MAX_COLUMNS + 2))
        found.append(name or next(free for free in tries if free not in taken))
    return found


def _check_few(names: Sequence[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise UserError(f"This file has {len(names):,} columns; at most {MAX_COLUMNS:,} are read.")


def _distinct(names: Sequence[str]) -> Sequence[str]:
    """Return a file's column names; raise UserError where they are too many or one stands twice."""
    _check_few(names)
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise UserError(f"Two columns of this file have the same name: {', '.join(twice[:3])}.")
    return names


def _jsonl_columns(table: Table) -> Sequence[str]:
    """Return the keys of the first hundred rows, in the order they appear."""
    with _open(table) as file:
        if file.read(64).lstrip().startswith("["):
            raise UserError("This file is one JSON array; write one JSON object per line instead.")
    found: dict[str, None] = {}
    for count, row in enumerate(_read_jsonl(table)):
        if isinstance(row, Row):
            found |= dict.fromkeys(row.cells)
        if count >= 100:
            break
    if not found:
        raise UserError("No line of this file is a JSON object.")
    return list(found)


def _read_csv(table: Table) -> Iterator[Row | BadRow]:
    with _open(table) as file:
        reader = _reader(table, file)
        next(reader, None)
        width = len(table.columns)
        while True:
            line = reader.line_num + 1 + table.told
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield BadRow(line, "a cell is far too long (is a quote never closed?)")
                continue
            if not cells:
                continue  # an empty line is no row
            if len(cells) != width:
                hint = " (is a quote never closed?)" if reader.line_num > line + 50 else ""
                yield BadRow(line, f"{len(cells)} cells where the header has {width}{hint}")
                continue
            yield Row(line, dict(zip(table.columns, cells, strict=True)))


def _read_jsonl(table: Table) -> Iterator[Row | BadRow]:
    with _open(table) as file:
        line = 0
        while text := file.readline(MAX_CELL):
            line += 1
            if len(text) >= MAX_CELL and not text.endswith("\n"):
                while (more := file.readline(MAX_CELL)) and not more.endswith("\n"):
                    pass
                yield BadRow(line, "the line is far too long")
                continue
            if text.strip():
                yield _json_row(line, text)


def _json_row(line: int, text: str) -> Row | BadRow:
    try:
        cells = json.loads(text, parse_constant=_no_constant)
        if "\\ud" in text.lower():  # half a character, which JSON can name: no encoder would write it out again
            whole = json.dumps(cells, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            cells = json.loads(whole.decode("utf-16-le", "replace"))
    except (ValueError, RecursionError):
        return BadRow(line, "not valid JSON")
    if not isinstance(cells, dict):
        return BadRow(line, "not a JSON object")
    return Row(line, cells)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _read_parquet(table: Table) -> Iterator[Row | BadRow]:
    for line, cells in enumerate(parquet.rows(table.path), 1):
        yield BadRow(line, cells) if isinstance(cells, str) else Row(line, cells)


_READERS = {"csv": _read_csv, "tsv": _read_csv, "jsonl": _read_jsonl, "parquet": _read_parquet}
