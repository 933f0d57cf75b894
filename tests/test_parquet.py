"""Parquet that says more than it weighs: what is held in memory is bounded, whatever a file says of itself."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models import parquet
from models.pages import _pages, groups
from models.tables import BadRow, Table
from tasks.spec import UserError

MIB = 2**20
REPEATING = [{}, {"use_dictionary": False, "column_encoding": {"a": "DELTA_BYTE_ARRAY"}}]


@pytest.fixture
def small(monkeypatch) -> Iterator[None]:
    """Bounds that a test reaches with little memory."""
    monkeypatch.setattr(parquet, "MAX_TEXT", MIB)
    monkeypatch.setattr(parquet, "MAX_BATCH", 4 * MIB)
    yield


def put(folder: Path, column: Any, **how: Any) -> Path:
    pq.write_table(pa.table({"a": column}), folder / "a.parquet", **({"compression": "zstd"} | how))
    return folder / "a.parquet"


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("how", REPEATING, ids=["dictionary", "same start"])
def test_a_long_cell_said_once_for_many_rows_is_never_made(tmp_path, small, how: dict, version: str) -> None:
    path = put(tmp_path, ["x" * (2 * MIB)] * 20, data_page_version=version, **how)
    assert path.stat().st_size < 3000
    assert max(batch.nbytes for batch in parquet._batches(path)) < 6 * MIB  # all at once would be 40
    assert [(row.line, row.reason) for row in Table(path)] == [
        (n, "a cell is far too long or cannot be read") for n in range(1, 21)
    ]


@pytest.mark.parametrize("how", REPEATING, ids=["dictionary", "same start"])
def test_cells_of_fair_length_are_made_a_few_at_a_time(tmp_path, small, monkeypatch, how: dict) -> None:
    made, real = [], pa.RecordBatch.to_pylist

    class Counted:
        """A batch that notes how many rows of it are made into objects."""

        def __init__(self, batch: pa.RecordBatch) -> None:
            self.batch, self.columns, self.num_rows = batch, batch.columns, batch.num_rows

        def slice(self, *where: int) -> "Counted":
            return Counted(self.batch.slice(*where))

        def to_pylist(self) -> list[dict[str, Any]]:
            made.append(self.num_rows)
            return real(self.batch)

    batches = parquet._batches
    monkeypatch.setattr(parquet, "_batches", lambda path: map(Counted, batches(path)))
    rows = list(parquet.rows(put(tmp_path, ["x" * (MIB // 3)] * 50, **how)))
    assert [len(row["a"]) for row in rows] == [MIB // 3] * 50
    assert sum(made) == 50 and max(made) <= 3


def test_a_list_that_says_one_text_without_end_is_never_made(tmp_path, small) -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 5000), ["x" * MIB])
    path = put(tmp_path, pa.ListArray.from_arrays([0, 5000], texts))
    assert max(batch.nbytes for batch in parquet._batches(path)) < 2 * MIB
    assert [type(row) for row in Table(path)] == [BadRow]


def test_a_list_of_numbers_without_end_is_counted_by_its_numbers(tmp_path, monkeypatch) -> None:
    path = put(tmp_path, [[1] * 1_000_000])
    assert path.stat().st_size < 2000 and len(list(parquet.rows(path))) == 1
    monkeypatch.setattr(parquet, "MAX_UNPACKED", 7_000_000)
    with pytest.raises(UserError, match="would unpack to"):
        list(parquet.rows(path))


def test_rows_that_repeat_more_than_a_file_may_hold_end_there(tmp_path, monkeypatch) -> None:
    """What is scored so far is kept: the rows after those are told, not written."""
    monkeypatch.setattr(parquet, "MAX_UNPACKED", 10 * MIB)
    found = list(parquet.rows(put(tmp_path, ["x" * (MIB // 10)] * 1000)))
    assert len(found) == 1000 and found[-1] == "the rows before it hold as much as is read of one file"
    assert 100 <= sum(isinstance(row, dict) for row in found) <= 100 + parquet.BATCH


def test_a_footer_that_lies_is_not_believed(tmp_path, monkeypatch) -> None:
    """The pages of a file whose one cell is long, under the footer of one whose cell is short and packs to as much."""
    how = {"use_dictionary": False, "write_statistics": False, "store_schema": False}
    true = put(tmp_path, ["x" * MIB], **how).read_bytes()

    def size() -> int:
        return pq.read_metadata(tmp_path / "a.parquet").row_group(0).column(0).total_compressed_size

    wanted = size()
    letters = os.urandom(2000).hex()
    length = next(n for n in range(2, 4000) if put(tmp_path, [letters[:n]], **how) and size() >= wanted)
    short = (tmp_path / "a.parquet").read_bytes()
    assert size() == wanted and length < 1000
    path = tmp_path / "lie.parquet"
    path.write_bytes(true[: 4 + wanted] + short[4 + wanted :])
    assert groups(path, pq.ParquetFile(path))[0].unpacked > MIB
    monkeypatch.setattr(parquet, "MAX_UNPACKED", MIB // 2)
    table = Table(path)  # by its footer it is small
    with pytest.raises(UserError, match="would unpack to"):
        list(table)


@pytest.mark.parametrize("at", [4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
def test_a_page_that_is_none_is_damage_told_in_a_sentence(tmp_path, at: int) -> None:
    path = put(tmp_path, ["some text"] * 10)
    for byte in (0, 0x1C, 0x7F, 0xFF):
        content = bytearray(path.read_bytes())
        content[at] = byte
        (tmp_path / "b.parquet").write_bytes(content)
        try:
            list(Table(tmp_path / "b.parquet"))
        except UserError as error:
            assert "damaged" in str(error) or "unpack" in str(error)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([["one", "two"], None, [], ["three"]] * 50),
        pa.array([[("k", "v" * 50)], None, [], [("l", "w"), ("m", None)]] * 50, pa.map_(pa.string(), pa.string())),
        pa.array([{"a": "x" * 50, "b": ["y", "z"]}, None, {"a": None, "b": []}, {}] * 50),
        pa.array(["x" * 50, "y", None, ""] * 50, pa.string_view()),
        pa.array(["x" * 50, "y", None, ""] * 50).dictionary_encode(),
        pa.array([[1, 2], None, [3, 4], [5, 6]] * 50, pa.list_(pa.int64(), 2)),
    ],
    ids=lambda column: str(column.type)[:20],
)
def test_cells_of_every_kind_come_as_they_are_however_few_at_a_time(tmp_path, monkeypatch, column) -> None:
    monkeypatch.setattr(parquet, "MAX_TEXT", 1000)
    path = put(tmp_path, column)
    assert list(parquet.rows(path)) == pq.read_table(path).to_pylist()


def test_a_cell_that_is_no_text_costs_its_row_alone(tmp_path) -> None:
    cells = pa.Array.from_buffers(pa.string(), 3, pa.array([b"good", b"\xff\xfe", b"bad"]).buffers())
    good, odd, bad = Table(put(tmp_path, cells))
    assert (good.cells, bad.cells) == ({"a": "good"}, {"a": "bad"}) and odd.line == 2 and "cannot be read" in odd.reason


def test_two_columns_of_one_name_are_refused(tmp_path) -> None:
    columns = [pa.array(["one"]), pa.array(["two"])]
    pq.write_table(pa.Table.from_arrays(columns, names=["review", "review"]), tmp_path / "a.parquet")
    with pytest.raises(UserError, match="same name: review"):
        Table(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("15 00 15 14 15 0d 00", "less than nothing"),  # kind 0, unpacks to 10, packed -7: the next page is this one
        ("15 00 15 13 15 0e 00", "less than nothing"),  # unpacks to -10
        ("15 00 15 14 05 02 02 15 14 15 0e 00", "a field twice"),  # two kinds: the reader may go by the other
    ],
)
def test_a_header_that_no_writer_makes_is_not_followed(header: str, said: str) -> None:
    chunk: Any = SimpleNamespace(data_page_offset=0, has_dictionary_page=False, total_compressed_size=100, num_values=5)
    with pytest.raises(ValueError, match=said):
        next(_pages(bytes.fromhex(header) + bytes(100), chunk))  # type: ignore[arg-type]


def test_row_groups_that_share_their_pages_are_refused(tmp_path) -> None:
    """Else a small file would be unpacked as often as its footer says."""
    path = put(tmp_path, ["some text"] * 10)
    file = pq.ParquetFile(path)
    true = file.metadata
    shared = SimpleNamespace(num_row_groups=50, num_columns=1, row_group=lambda _: true.row_group(0))
    assert len(groups(path, file)) == 1
    with pytest.raises(ValueError, match="share their pages"):
        groups(path, SimpleNamespace(metadata=shared, schema=file.schema))  # type: ignore[arg-type]
