"""Reads Parquet row by row, within bounds: a few bytes of it can say a book a thousand times."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.pages import groups
from tasks.spec import UserError

MAX_UNPACKED = 2**31
"""Bytes a file may unpack to, and its rows may hold together."""
MAX_ROWS = 2_000_000
"""Rows a file may hold: half a megabyte of it can say five million times the same."""
MAX_TEXT = 2**24
"""Bytes of cells made into objects at a time, and the most that one row may hold."""
MAX_BATCH = 2**27
"""Bytes that rows read at a time may take where each of them repeats what the file holds once."""
BATCH = 64
_TOO_LONG = "a cell is far too long or cannot be read"
_TOO_MUCH = "the rows before it hold as much as is read of one file"
_DAMAGED = "This Parquet file is damaged."


def names(path: Path) -> list[str]:
    """Return the names of a file's columns.

    Raises:
        UserError: if it is damaged, or says itself that it is too large.
    """
    try:
        file = pq.ParquetFile(path)
        found = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        unpacked = sum(group.total_byte_size for group in found)
        columns, rows = file.schema_arrow.names, max(file.metadata.num_rows, sum(group.num_rows for group in found))
    except (pa.ArrowException, OSError) as error:
        raise UserError(_DAMAGED) from error
    _check_unpacked(unpacked)
    if rows > MAX_ROWS:
        raise UserError(f"This file has {rows:,} rows; at most {MAX_ROWS:,} are read at once.")
    return columns


def rows(path: Path) -> Iterator[Mapping[str, Any] | str]:
    """Yield a file's rows, or why one of them cannot be read.

    Raises:
        UserError: if it is damaged, or unpacks to too much.
    """
    count = weight = 0
    try:
        for batch in _batches(path):
            for cells, more in _made(batch):
                count, weight = count + 1, weight + more
                yield cells
            if weight > MAX_UNPACKED:  # what repeats is held once, but would be worked on, and written, again and again
                break
        yield from repeat(_TOO_MUCH, pq.read_metadata(path).num_rows - count)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"This Parquet file is damaged after row {count}.") from error


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield a file's rows, so few at a time that they fit in memory whatever they repeat."""
    file = pq.ParquetFile(path)
    try:
        found = groups(path, file)
    except ValueError as error:
        raise UserError(_DAMAGED) from error
    _check_unpacked(sum(group.unpacked for group in found))
    file = pq.ParquetFile(path, read_dictionary=_lists(file))
    for index, group in enumerate(found):
        size = min(BATCH, max(1, MAX_BATCH // max(group.repeated, 1)))
        yield from file.iter_batches(batch_size=size, row_groups=[index])


def _lists(file: pq.ParquetFile) -> list[str]:
    """Return the columns that hold lists of texts.

    One row may hold any number of those, so they stay numbers, into a list of the different ones, until weighed.
    """
    leaves = [file.schema.column(i) for i in range(len(file.schema))]
    found = [i for i, one in enumerate(leaves) if one.max_repetition_level and one.physical_type == "BYTE_ARRAY"]
    if found and (_hidden(file, leaves) or any(kind[:5] == "DELTA" for kind in _encodings(file, found))):
        raise UserError("This Parquet file has lists of a kind that is not read here; save it as JSON lines.")
    return [leaves[i].path for i in found]


def _hidden(file: pq.ParquetFile, leaves: Sequence[pq.ColumnSchema]) -> bool:
    """Return whether a column may not be what its path says: two of one path, or one that becomes a library's own."""
    if len({one.path for one in leaves}) < len(leaves):
        return True
    kinds = [field.type for field in file.schema_arrow]
    inner = [kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind for kind in kinds]
    return any(pa.types.is_nested(one) and "extension<" in str(kind) for one, kind in zip(inner, kinds, strict=True))


def _encodings(file: pq.ParquetFile, columns: Sequence[int]) -> set[str]:
    data = file.metadata
    chunks = [data.row_group(i).column(j) for i in range(data.num_row_groups) for j in columns]
    return {kind for chunk in chunks for kind in chunk.encodings}


def _check_unpacked(size: int) -> None:
    if size > MAX_UNPACKED:
        raise UserError(f"This file would unpack to {size / 2**30:.1f} GB; at most 2 GB are read.")


def _made(batch: pa.RecordBatch) -> Iterator[tuple[Mapping[str, Any] | str, int]]:
    """Yield the cells of each row, or why it has none, and about how many bytes they take."""
    weight = sum(_weight(column) for column in batch.columns)
    try:
        made = batch.to_pylist() if weight <= MAX_TEXT else []
    except (ValueError, OverflowError, pa.ArrowException):  # bytes that are no text, a date of no calendar
        made = []
    if made:
        yield from ((cells, weight // len(made)) for cells in made)
    elif batch.num_rows == 1:
        yield _TOO_LONG, weight
    elif half := batch.num_rows // 2:
        yield from _made(batch.slice(0, half))
        yield from _made(batch.slice(half))


def _weight(array: pa.Array) -> int:
    """Return about how many bytes cells take once each is an object of its own, however often they repeat."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return _weight(array.storage)
    if pa.types.is_dictionary(kind):
        sizes = pc.binary_length(array.dictionary.cast(pa.large_binary()))
        return 8 * len(array) + (pc.sum(pc.take(sizes, array.indices)).as_py() or 0)
    if pa.types.is_struct(kind):
        return sum(_weight(child) for child in array.flatten())
    if pa.types.is_map(kind):
        first, last = array.offsets[0].as_py(), array.offsets[-1].as_py()
        sides = (array.keys, array.items)
        return 8 * len(array) + sum(_weight(side.slice(first, last - first)) for side in sides)
    if pa.types.is_nested(kind):
        return 8 * len(array) + _weight(array.flatten())
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):  # a slice of those counts what it is cut from
        array = array.cast(pa.large_binary())
    return max(array.nbytes, 8 * len(array))
