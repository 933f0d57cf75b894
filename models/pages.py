"""What a Parquet file takes in memory, read from the headers of its pages before one of them is unpacked.

The footer is not asked: it counts a page of repeated values once however often the rows point into it, and whoever
wrote the file may have written anything there. Pages are what the reader unpacks. Knows nothing of rows.
"""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

_DATA, _DICTIONARY, _DATA_2 = 0, 2, 3
_PREFIXED = 7
"""The encoding that repeats the start of the cell before (DELTA_BYTE_ARRAY)."""
_HEADER = {_DATA: (5, 2), _DICTIONARY: (7, 2), _DATA_2: (8, 4)}
"""By kind of page: the fields of its header and, in that, of its encoding; its number of values is the first."""
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 12
_Fields = dict[int, "int | _Fields"]


@dataclass(frozen=True)
class Group:
    """A row group: the bytes it unpacks to at least, and how many of them every one of its rows may stand for."""

    unpacked: int
    repeated: int


@dataclass(frozen=True)
class _Page:
    kind: int
    unpacked: int
    packed: int
    values: int
    encoding: int


def groups(path: Path, file: pq.ParquetFile) -> list[Group]:
    """Return what the row groups of a file take.

    Raises:
        ValueError: if its pages are not where the footer says, or are no pages.
    """
    data = file.metadata
    chunks = [[data.row_group(i).column(j) for j in range(data.num_columns)] for i in range(data.num_row_groups)]
    if sum(chunk.total_compressed_size for group in chunks for chunk in group) > path.stat().st_size:
        raise ValueError("columns that share their pages")
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as held:
        try:
            return [_group(held, file.schema, group) for group in chunks]
        except IndexError as error:
            raise ValueError("a page that ends past the file") from error


def _group(held: mmap.mmap, schema: pq.ParquetSchema, chunks: list[pq.ColumnChunkMetaData]) -> Group:
    unpacked = repeated = 0
    for index, chunk in enumerate(chunks):
        column, most = schema.column(index), 0
        width = column.length if column.physical_type == "FIXED_LEN_BYTE_ARRAY" else 8
        for page in _pages(held, chunk):
            bytes_ = max(page.unpacked, page.packed)
            prefixed = page.kind != _DICTIONARY and page.encoding == _PREFIXED
            if page.kind == _DICTIONARY or prefixed:
                most = max(most, bytes_)
            unpacked += max(bytes_, page.values * width)
        repeated += most
    return Group(unpacked, repeated)


def _pages(held: mmap.mmap, chunk: pq.ColumnChunkMetaData) -> Iterator[_Page]:
    """Yield a column's pages in a row group: from where, and until as many values, as the reader takes them."""
    at = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < at:
        at = chunk.dictionary_page_offset
    end, seen = at + chunk.total_compressed_size, 0
    if at < 0 or chunk.total_compressed_size < 0:
        raise ValueError("a column before the file")
    while seen < chunk.num_values and at < end:
        page, at = _page(held, at)
        yield page
        seen += page.values if page.kind != _DICTIONARY else 0
        at += page.packed


def _page(held: mmap.mmap, at: int) -> tuple[_Page, int]:
    fields, at = _struct(held, at)
    if not {1, 2, 3} <= fields.keys():
        raise ValueError("a page without a kind or a size")
    kind = _number(fields, 1)
    inner, encoding = _HEADER.get(kind, (0, 0))
    said = fields.get(inner, {})
    said = said if isinstance(said, dict) else {}
    page = _Page(kind, _number(fields, 2), _number(fields, 3), _number(said, 1), _number(said, encoding))
    if min(page.unpacked, page.packed, page.values) < 0:
        raise ValueError("a page of less than nothing")
    return page, at


def _number(fields: _Fields, field: int) -> int:
    value = fields.get(field, 0)
    return value if isinstance(value, int) else 0


def _struct(held: mmap.mmap, at: int, depth: int = 1) -> tuple[_Fields, int]:
    """Return the 32-bit numbers and structs of a struct in Thrift's compact protocol, by field, and where it ends."""
    if depth > 4:
        raise ValueError("a header deeper than any page's")
    fields: _Fields = {}
    last = 0
    while head := held[at]:
        at += 1
        kind, last = head & 15, last + (head >> 4)
        if not head >> 4:
            last, at = _varint(held, at)
            last = _signed(last)
        if last in fields:
            raise ValueError("a field twice")  # which of them counts is for nobody to guess
        if kind == _STRUCT:
            fields[last], at = _struct(held, at, depth + 1)
        elif kind == _I32:
            value, at = _varint(held, at)
            fields[last] = _signed(value)
        else:
            at = _past(held, at, kind)
    return fields, at + 1


def _past(held: mmap.mmap, at: int, kind: int) -> int:
    """Return where a value ends that is of no interest here."""
    if kind in (_TRUE, _FALSE):
        return at
    if kind in (_BYTE, _DOUBLE):
        return at + (1 if kind == _BYTE else 8)
    if kind not in (_I16, _I64, _BINARY):
        raise ValueError("a field that no page has")
    value, at = _varint(held, at)
    return at + value if kind == _BINARY else at


def _varint(held: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while (byte := held[at]) & 128:
        value |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if shift > 63:
            raise ValueError("a number without an end")
    return value | byte << shift, at + 1


def _signed(value: int) -> int:
    return value >> 1 ^ -(value & 1)
