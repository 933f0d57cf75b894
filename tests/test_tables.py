"""Files as people really have them: every kind reads, every fault is told by line, nothing runs and nothing is lost."""

import codecs
import csv
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_score import Fake

from models.export import Writer, defuse
from models.score import score_file
from models.tables import BadRow, Row, Table
from models.textfile import encoding_of
from tasks.spec import UserError


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(path: Path) -> list[dict]:
    return [dict(row.cells) for row in Table(path) if isinstance(row, Row)]


@pytest.mark.parametrize(
    "content",
    [
        b"id,review\n1,caf\xc3\xa9\n",
        b"\xef\xbb\xbfid,review\n1,caf\xc3\xa9\n",
        "id,review\n1,café\n".encode("utf-16"),
        "id,review\n1,café\n".encode("cp1252"),
        "id;review\n1;café\n".encode(),
        b"id,review\r1,caf\xc3\xa9\r",
        b"id,review\r\n\r\n1,caf\xc3\xa9",
    ],
    ids=["utf-8", "utf-8 mark", "utf-16", "windows-1252", "semicolons", "old mac ends", "blank line, no last end"],
)
def test_a_csv_reads_whatever_wrote_it(tmp_path, content: bytes) -> None:
    assert cells(put(tmp_path, "a.csv", content)) == [{"id": "1", "review": "café"}]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_two_and_four_bytes_a_letter_are_known_without_a_mark(tmp_path, encoding: str) -> None:
    assert cells(put(tmp_path, "a.csv", "id,review\n1,café\n".encode(encoding))) == [{"id": "1", "review": "café"}]
    assert cells(put(tmp_path, "a.jsonl", '{"review": "café"}\n'.encode(encoding))) == [{"review": "café"}]


UTF8 = "id,review\n" + "".join(f"{i},café\n" for i in range(1000))
BROKEN = {
    "one odd byte": (UTF8.encode() + b"x,na\xefve\n", "café", "na\ufffdve"),
    "cut within its last letter": (UTF8.encode() + b"x,fine \xf0\x9f\x98", "café", "fine \ufffd"),
    "a mark, then odd bytes": (f"\ufeff{UTF8}".replace("é", "e").encode() + b"x,\xe9\xe9\n", "cafe", "\ufffd\ufffd"),
    "more odd bytes than letters": (UTF8.encode("cp1252") + "x,naïve\n".encode(), "café", "naÃ¯ve"),
    "its last byte alone": (UTF8.replace("é", "e").encode() + b"x,caf\xe9", "cafe", "café"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_few_broken_bytes_do_not_change_how_the_others_are_read(tmp_path, broken: str) -> None:
    content, first, last = BROKEN[broken]
    found = cells(put(tmp_path, "a.csv", content))
    assert list(found[0]) == ["id", "review"] and len(found) == 1001
    assert [found[0]["review"], found[999]["review"], found[1000]["review"]] == [first, first, last]


def test_broken_bytes_are_counted_over_the_whole_file_within_bounds(tmp_path, monkeypatch) -> None:
    """A letter that two blocks share is one, and no fault."""
    monkeypatch.setattr("models.textfile.BLOCK", 7)
    assert encoding_of(put(tmp_path, "a.csv", UTF8.encode() + b"\xe9\n" * 1000)) == "utf-8-sig"
    assert encoding_of(put(tmp_path, "a.csv", UTF8.encode() + b"\xe9\n" * 1001)) == "cp1252"


def test_a_file_of_nothing_but_odd_bytes_is_refused_in_a_plain_sentence(tmp_path) -> None:
    for content in (b"id\x00\x00,re\x00view\n1,x\n", b"\xff\xfea\x00"):
        with pytest.raises(UserError, match="no plain text"):
            Table(put(tmp_path, "a.csv", content + b"\x00" * 5))


def test_the_rest_of_a_line_that_is_far_too_long_is_no_row(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("models.tables.MAX_CELL", 100)
    long = json.dumps({"review": "x" * 250}) + json.dumps({"review": "a row?"}).rjust(100)
    found = list(Table(put(tmp_path, "a.jsonl", f'{{"review": "a"}}\n{long}\n{{"review": "b"}}\n')))
    assert [(row.line, row.cells["review"]) for row in found if isinstance(row, Row)] == [(1, "a"), (3, "b")]
    assert [(bad.line, bad.reason) for bad in found if isinstance(bad, BadRow)] == [(2, "the line is far too long")]


def test_columns_without_a_header_are_named_by_their_place(tmp_path) -> None:
    path = put(tmp_path, "a.csv", "review,drug,,,\ngood,A,,x,\n")
    assert cells(path) == [{"review": "good", "drug": "A", "column 3": "", "column 4": "x", "column 5": ""}]
    taken = put(tmp_path, "b.csv", "column 2,,review,column 4,\na,b,c,d,e\n")
    assert Table(taken).columns == ("column 2", "column 2 (2)", "review", "column 4", "column 5")


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (
            'id;"What did you like, dislike, or want changed?"\n1;good\n',
            ("id", "What did you like, dislike, or want changed?"),
        ),
        ("id;likes, dislikes, wishes\n1;good\n2;bad\n", ("id", "likes, dislikes, wishes")),
        ("id|a, b\n1|good, fine\n2|bad\n", ("id", "a, b")),
        ("id\ta, b\n1\tgood\n", ("id", "a, b")),
        ("id,a; b; c\n1,good\n", ("id", "a; b; c")),
        ('id;"a\n, b"\n1;"good,\n\nfine"\n', ("id", "a\n, b")),
        ("id;review\n" + f"1;{'long, ' * 30_000}\n", ("id", "review")),
        ("id;review, all\n1;" + "x" * 100_000 + "\n", ("id", "review, all")),
    ],
    ids=["quoted", "unquoted", "bars", "tabs", "commas", "lines in cells", "a row past the head", "a long cell"],
)
def test_the_delimiter_is_the_one_that_parts_the_rows_alike(tmp_path, content: str, columns: tuple[str, ...]) -> None:
    table = Table(put(tmp_path, "a.csv", content))
    assert table.columns == columns
    assert all(isinstance(row, Row) for row in table)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_spreadsheets_word_on_its_separator_is_no_header(tmp_path, encoding: str, end: str) -> None:
    lines = ["sep=;", "id;a, b, c", "1;café", "2", "3;ok"]
    table = Table(put(tmp_path, "a.csv", end.join(lines).encode(encoding)))
    assert table.columns == ("id", "a, b, c")
    assert [(row.line, isinstance(row, Row)) for row in table] == [(3, True), (4, False), (5, True)]
    assert next(iter(table)).cells == {"id": "1", "a, b, c": "café"}


def test_words_that_look_missing_are_words(tmp_path) -> None:
    path = put(tmp_path, "a.csv", "review\nNA\nNone\nnull\nnan\n")
    assert [row["review"] for row in cells(path)] == ["NA", "None", "null", "nan"]


def test_a_bad_row_is_told_by_the_line_it_begins_on(tmp_path) -> None:
    """Line 3 opens a quoted cell over two lines, so the short row after it begins on line 5."""
    path = put(tmp_path, "a.csv", 'id,review\n1,ok\n2,"two\nlines"\n3\n4,"a",b\n5,ok\n')
    found = list(Table(path))
    assert [row.line for row in found if isinstance(row, Row)] == [2, 3, 7]
    assert [(bad.line, bad.reason) for bad in found if isinstance(bad, BadRow)] == [
        (5, "1 cells where the header has 2"),
        (6, "3 cells where the header has 2"),
    ]


def test_a_cell_that_never_ends_costs_its_row_and_no_more_memory_than_the_cap(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("models.tables.MAX_CELL", 1000)
    path = put(tmp_path, "a.csv", "id,review\n1,ok\n2," + "x" * 5000 + "\n3,ok\n")
    found = list(Table(path))
    assert [row.cells["id"] for row in found if isinstance(row, Row)] == ["1", "3"]
    assert "far too long" in next(row.reason for row in found if isinstance(row, BadRow))


def test_json_lines_keep_their_good_rows(tmp_path) -> None:
    lines = ['{"review": "a"}', "{bad", '["list"]', '{"review": NaN}', "", "[" * 100_000, '{"review": "b", "n": 1}']
    found = list(Table(put(tmp_path, "a.jsonl", "\n".join(lines))))
    assert [dict(row.cells) for row in found if isinstance(row, Row)] == [{"review": "a"}, {"review": "b", "n": 1}]
    assert [bad.line for bad in found if isinstance(bad, BadRow)] == [2, 3, 4, 6]


def test_half_a_character_becomes_a_sign_that_one_is_missing(tmp_path) -> None:
    path = put(tmp_path, "a.jsonl", r'{"review": "fine \ud83d\ude00", "id": "\ud800", "n": [{"\uDFFF": "C:\\udo"}]}')
    assert cells(path) == [{"review": "fine 😀", "id": "\ufffd", "n": [{"\ufffd": "C:\\udo"}]}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n\n  \n", "empty"),
        ("a.csv", b",,\n1,2,3\n", "no column names"),
        ("a.csv", b"review,review\na,b\n", "same name"),
        ("a.csv", b"<!DOCTYPE html><p>no</p>", "web page"),
        ("a.csv", b"PK\x03\x04rest", "zip"),
        ("a.csv", b"\x1f\x8brest", "gzip"),
        ("a.csv", b"\x80\x04rest", "pickle"),
        ("a.csv", b"PAR1rest", "Parquet"),
        ("a.csv", ",".join(f"c{i}" for i in range(1500)).encode() + b"\n", "1,500 columns"),
        ("a.csv", b"c," * 1500 + b"\n", "1,501 columns"),
        ("a.jsonl", b'[{"review": "a"}]', "one JSON array"),
        ("a.jsonl", b"1\n2\n", "No line"),
        ("a.parquet", b"PAR1 but no footer", "damaged"),
        ("a.parquet", b"plain text", "no Parquet"),
        ("a.xlsx", b"PK\x03\x04", "not read here"),
        ("a.pkl", b"\x80\x04", "not read here"),
        ("a.csv.exe", b"review\na\n", "not read here"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        Table(put(tmp_path, name, content))
    assert str(tmp_path) not in str(caught.value)


def test_a_real_zip_under_a_csv_name_is_refused(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "a.csv", "w") as archive:
        archive.writestr("../evil.csv", "review\nx\n")
    with pytest.raises(UserError, match="zip"):
        Table(tmp_path / "a.csv")


@pytest.mark.parametrize("limit", ["MAX_UNPACKED", "MAX_ROWS"])
def test_a_parquet_that_would_unpack_to_far_too_much_is_refused_unread(tmp_path, monkeypatch, limit: str) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"review": ["same words"] * 50_000}), path, use_dictionary=False)
    monkeypatch.setattr(f"models.parquet.{limit}", 1000)
    with pytest.raises(UserError, match="at most"):
        Table(path)


@pytest.mark.parametrize("cell", ["=1+1", "+1-1", "-1+1", "-1;x", "-x", "@x", "\tx", "\rx", "\uff1dx", " =1"])
def test_no_cell_of_a_safe_file_starts_a_formula(tmp_path, cell: str) -> None:
    with Writer(tmp_path / "a.csv", "csv", ["=name", "b"], safe=True) as writer:
        writer.write({"=name": cell, "b": "plain"})
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8-sig") as file:
        header, row = csv.reader(file)
    assert header == ["'=name", "b"]
    assert row == [f"'{cell}", "plain"]
    assert defuse(cell)[1:] == cell


@pytest.mark.parametrize("number", ["-5", "+3", "-0.72", "-1,5", "+12.0", "7"])
def test_a_plain_number_is_no_formula_and_stays_one(number: str) -> None:
    assert defuse(number) == number and defuse(f"{number}=1")[1:] != number


def test_a_scored_file_opens_in_a_spreadsheet_as_the_one_it_was_made_of(tmp_path) -> None:
    """Marked as UTF-8, parted by the same sign, its numbers numbers."""
    source = put(tmp_path, "a.csv", "Prénom;review;change\nZoë;good, really;-5\n".encode("cp1252"))
    *_, _ = score_file(Fake(), source, tmp_path / "b.csv", safe=True)
    raw = (tmp_path / "b.csv").read_bytes()
    assert raw.startswith(codecs.BOM_UTF8)
    first, second, _ = raw.decode("utf-8-sig").split("\r\n")
    assert first.startswith("Prénom;review;change;label;") and second.startswith("Zoë;good, really;-5;positive;")
    *_, _ = score_file(Fake(), source, tmp_path / "c.tsv")
    assert (tmp_path / "c.tsv").read_text(encoding="utf-8").startswith("Prénom\treview\t")


def test_an_unsafe_file_keeps_every_cell_as_it_was(tmp_path) -> None:
    with Writer(tmp_path / "a.jsonl", "jsonl", ["a"]) as writer:
        writer.write({"a": "=1", "n": None})
    assert json.loads((tmp_path / "a.jsonl").read_text()) == {"a": "=1", "n": None}
