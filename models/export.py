"""Writes tables row by row: CSV, TSV, JSON lines, Parquet. Knows nothing of models."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TEXT = 2**24
"""Characters of rows that wait to be written as Parquet."""
Cells = Mapping[str, Any]
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")


def defuse(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula: an apostrophe goes before a character that starts one.

    A plain number stays one, whatever its sign: nothing in it can be run.
    """
    if isinstance(cell, str) and _NUMBER.fullmatch(cell):
        return cell
    if isinstance(cell, str) and (cell[:1] in _FORMULA or cell.lstrip(" ")[:1] in _FORMULA):
        return f"'{cell}"
    return cell


class Writer:
    """Writes rows in the kind of file asked for; a context manager.

    `schema` is needed for Parquet. `safe` is for CSV and TSV that a person will open in a spreadsheet: formulas are
    defused, and the file begins with the mark of UTF-8, without which Excel takes `é` for two other letters.
    `delimiter` parts the columns of a CSV.
    """

    def __init__(
        self,
        path: Path,
        kind: str,
        columns: Sequence[str],
        schema: pa.Schema | None = None,
        safe: bool = False,
        delimiter: str = ",",
    ) -> None:
        self.columns, self.safe = list(columns), safe
        self._rows: list[Cells] = []
        self._held = 0
        self._schema = schema
        self._parquet = pq.ParquetWriter(path, schema) if kind == "parquet" and schema is not None else None
        separator = {"csv": delimiter, "tsv": "\t"}.get(kind)
        encoding = "utf-8-sig" if safe and separator else "utf-8"
        self._file = None if self._parquet else path.open("w", encoding=encoding, newline="")
        self._csv = csv.writer(self._file, delimiter=separator) if separator and self._file else None
        if self._csv:
            self._csv.writerow([defuse(name) if safe else name for name in self.columns])

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._parquet:
            self._flush(self._parquet)
            self._parquet.close()
        if self._file:
            self._file.close()

    def write(self, cells: Cells) -> None:
        """Add a row; a column it lacks stays empty, and what JSON has no form for, such as a date, becomes text."""
        if self._csv:
            values = [cells.get(name, "") for name in self.columns]
            self._csv.writerow([defuse(value) for value in values] if self.safe else values)
        elif self._parquet:
            self._rows.append(cells)
            self._held += len(str(cells))
            if len(self._rows) >= 1024 or self._held >= TEXT:
                self._flush(self._parquet)
        elif self._file:
            self._file.write(json.dumps(dict(cells), ensure_ascii=False, default=str) + "\n")

    def _flush(self, writer: pq.ParquetWriter) -> None:
        writer.write_table(pa.Table.from_pylist([dict(row) for row in self._rows], schema=self._schema))
        self._rows, self._held = [], 0


def plain(cells: Cells, kind: str) -> Cells:
    """Return the added cells as the kind of file writes them: a CSV says true and false like JSON does."""
    if kind not in ("csv", "tsv"):
        return cells
    return {name: _cell(value) for name, value in cells.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(value) if isinstance(value, list) else value
