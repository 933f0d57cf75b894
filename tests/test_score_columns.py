"""What a scored file's columns are called and parted by, and whose journal is taken up."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_bulk import Verifier, claims_scorer
from test_score import ADDED, Fake, read, write

from models import score
from models.score import score_file
from tasks.spec import UserError


def test_a_journal_of_another_version_or_with_other_columns_is_not_taken_up(tmp_path: Path, monkeypatch) -> None:
    source, target, fake = write(tmp_path / "in.csv", 600), tmp_path / "out.csv", Fake()
    for name, other in (("VERSION", 0), ("added_names", lambda task: ["label"])):
        with monkeypatch.context() as former:
            former.setattr(score, name, other)
            steps = score_file(fake, source, target)
            next(steps)
            steps.close()
        fake.asked.clear()
        *_, last = score_file(fake, source, target)
        assert (last.rows, last.scored, len(fake.asked)) == (600, 600, 600)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_file_keeps_its_own_remark(tmp_path: Path, kind: str) -> None:
    rows = {"review": ["good", ""], "remark": ["called in", "x"], "remark (2)": ["y", "z"]}
    pq.write_table(pa.table(rows), tmp_path / "in.parquet")
    *_, last = score_file(Fake(), tmp_path / "in.parquet", tmp_path / f"again.{kind}")
    text = (tmp_path / f"again.{kind}").read_bytes()
    names = pq.read_table(tmp_path / "again.parquet").column_names if kind == "parquet" else None
    assert last.scored == 1 and b"called in" in text and b"remark (3)" in text
    assert names is None or names == [*rows, *ADDED[:-1], "remark (3)"]


def test_claims_beside_a_reason_are_judged_and_both_reasons_kept(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,claim,why\n1,Aspirin prevents preeclampsia.,seen on tv\n")
    list(score_file(claims_scorer(Verifier()), tmp_path / "in.csv", tmp_path / "out.csv"))
    (row,) = read(tmp_path / "out.csv")
    assert row["why"] == "seen on tv" and "why (2)" in row and row["verdict"]


def test_all_columns_that_are_in_the_way_are_named_at_once(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("label,abstained,remark,review\na,b,c,good\n")
    with pytest.raises(UserError, match="already has columns 'label', 'abstained'; rename them first"):
        list(score_file(Fake(), source, tmp_path / "out.csv"))


@pytest.mark.parametrize("text", ["Good; cheap\nBad; dear\n", "Good\nBad\nIt helped; a lot, really\n", "Good\n"])
def test_a_file_of_one_column_comes_back_parted_by_commas(tmp_path: Path, text: str) -> None:
    (tmp_path / "in.csv").write_text(f"review\n{text}")
    list(score_file(Fake(), tmp_path / "in.csv", tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == ",".join(["review", *ADDED])


def test_a_tab_separated_file_of_one_column_stays_one(tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("review\ngood\n")
    list(score_file(Fake(), tmp_path / "in.tsv", tmp_path / "out.tsv"))
    assert (tmp_path / "out.tsv").read_text().splitlines()[0] == "\t".join(["review", *ADDED])
