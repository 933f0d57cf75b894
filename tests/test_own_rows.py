"""Own rows keep what they say: the meaning of every label, a share of every label, and no part of one text alone."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from test_data import druglib

import tasks
from tabs import train_upload
from tasks.spec import Example, UserError
from training import data, frozen, own, repeats, taught
from training.config import RunConfig
from training.train import rows

NOTES, REVIEWS = tasks.get("clinical_notes"), tasks.get("drug_reviews")


def apart(n: int, label: str) -> list[Example]:
    """Return rows of one label that have no three words in a row in common."""
    return [Example(text=f"{label}{i} thing{i} said{i} of{i}", label=label) for i in range(n)]


def notes(folder: Path) -> Path:
    """Write notes of 300 codes, three of each, then one of a task's own label and one of a code that is none."""
    path = folder / "notes.csv"
    codes = [*(f"{n}.0" for n in range(400, 700) for _ in range(3)), NOTES.labels[0], "no code"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "codes"), *((f"note {i} of somebody", c) for i, c in enumerate(codes))])
    return path


def test_a_label_beyond_those_shown_keeps_its_meaning(tmp_path: Path) -> None:
    path, columns = str(notes(tmp_path)), ("text", "codes")
    said, _, _, table, *_ = train_upload._read(path, NOTES.name, *columns)
    shown = table.value["data"]
    assert len(shown) == train_upload.MEANINGS and "200 commonest of 302 kinds" in said
    loaded = train_upload._loaded(path, NOTES.name, columns, shown)
    assert (len(loaded.examples), loaded.skipped) == (901, 1)
    again, *_ = train_upload._read(path, NOTES.name, *columns, meanings=shown)
    assert again.startswith("**901 rows can be used**")


def test_what_is_shown_counts_before_what_is_suggested(tmp_path: Path) -> None:
    path, columns = str(notes(tmp_path)), ("text", "codes")
    loaded = train_upload._loaded(path, NOTES.name, columns, [["400.0", "3", ""], ["401.0", "3", "Digestive"]])
    assert (len(loaded.examples), loaded.left_out) == (898, 3)
    assert loaded.examples[0].targets == {"categories": ("Digestive",)}
    _, _, _, table, *_ = train_upload._read(
        path, NOTES.name, *columns, meanings=[["400.0", "3", ""], ["401.0", "3", "Digestive"]]
    )
    assert [row[2] for row in table.value["data"][:2]] == ["", "Digestive"]


def sorted_by_label(*counts: int) -> list[Example]:
    return [row for label, n in zip(REVIEWS.labels, counts, strict=True) for row in apart(n, label)]


def test_some_rows_are_of_every_set_and_label_by_its_share_and_in_order() -> None:
    sets = [sorted_by_label(600, 300, 2), sorted_by_label(90, 0, 8)]
    found = data.some(sets, 100, 7)
    place = {id(row): i for i, row in enumerate(row for one in sets for row in one)}
    places = [place[id(row)] for row in found]
    assert len(places) == 100 and places == sorted(places)
    kinds = Counter((i >= 902, row.label) for i, row in zip(places, found, strict=True))
    low, middle, high = REVIEWS.labels
    assert 57 <= kinds[False, low] <= 63 and 28 <= kinds[False, middle] <= 32 and kinds[False, high] == 1
    assert 8 <= kinds[True, low] <= 10 and kinds[True, high] == 1
    assert data.some(sets, 100, 7) == found != data.some(sets, 100, 8)
    assert data.some(sets, 0, 7) == data.some(sets, 1000, 7) == [*sets[0], *sets[1]]
    assert len(data.some(sets, 3, 7)) == 3


def test_a_file_that_is_sorted_by_label_is_not_cut_to_its_head(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    monkeypatch.setattr(own, "SETS", tmp_path / "sets")
    lines = [(rating, f"{rating}a{i} b{i} c{i} d{i}", f"{rating}e{i}", "") for rating in (1, 5, 9) for i in range(60)]
    druglib(tmp_path, lines)
    name = own.keep(lambda path: frozen.write(frozen.Cut(tuple(sorted_by_label(60, 60, 60)), (), ()), path))
    for sets in (("druglib",), (name,)):
        split, _, _ = rows(REVIEWS, RunConfig("drug_reviews", datasets=sets, max_rows=60, validation_share=0.2))
        found = Counter(row.label for row in (*split.train, *split.validation))
        assert sum(found.values()) == 60 and min(found.values()) >= 18


def test_what_is_only_learned_from_is_drawn_once_for_learning_and_for_scoring(monkeypatch) -> None:
    config = RunConfig("drug_reviews", datasets=("druglib", "drugscom_sample"), max_rows=30)
    extra = next(d for d in REVIEWS.data if d.role == "extra")
    monkeypatch.setattr(data, "used", lambda task, names: [extra])
    monkeypatch.setattr(data, "load", lambda found, part: sorted_by_label(100, 100, 100))
    told = Counter(row.label for row in taught.extra(REVIEWS, config))
    assert set(told.values()) == {10} and taught.rows(REVIEWS, config) == rows(REVIEWS, config)[1]


@pytest.mark.parametrize("asked", [(0.1, 0.4), (0.05, 0.7), (0.1, 0.3), (0.15, 0.15), (0.25, 0.25)])
def test_the_shares_asked_for_are_cut(asked: tuple[float, float]) -> None:
    cut = frozen.split(sorted_by_label(200, 200, 200), *asked)
    assert [len(part) / 600 for part in (cut.validation, cut.test)] == pytest.approx(asked, abs=0.02)


def test_a_seed_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="seed"):
        frozen.split(sorted_by_label(20, 20, 20), seed=-1)


def test_rows_that_a_second_set_holds_back_are_not_learned_from_the_first(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CARETUNE_HOME", str(tmp_path))
    found = sorted_by_label(60, 60, 60)
    cuts = [frozen.split(found, seed=seed) for seed in (1, 2)]
    names = tuple(own.keep(lambda path, cut=cut: frozen.write(cut, path)) for cut in cuts)
    split, _, _ = rows(REVIEWS, RunConfig("drug_reviews", datasets=names))
    judging = set(map(repeats.key, split.validation))
    assert judging == {repeats.key(row) for cut in cuts for row in cut.validation}
    assert len(split.train) > 60 and not judging & set(map(repeats.key, split.train))


def test_a_text_that_stands_there_many_times_is_learned_from_and_not_judged_by() -> None:
    copies = [Example(text="the same words again and again", label="positive") for _ in range(60)]
    found = sorted_by_label(160, 160, 160)
    for seed in range(4):
        cut = frozen.split([*found, *copies], seed=seed)
        assert sum(row == copies[0] for row in cut.train) == 60
        assert sorted(map(repeats.key, (*cut.train, *cut.validation, *cut.test))) == sorted(
            map(repeats.key, found + copies)
        )
        assert 50 <= len(cut.validation) <= 100 and 50 <= len(cut.test) <= 100
    assert len(frozen.split([*found, *copies], 0.2, 0.0).test) == 0


def test_where_every_text_stands_there_many_times_rows_are_held_back_all_the_same() -> None:
    cut = frozen.split(sorted_by_label(8, 8, 8) * 10)
    assert min(len(cut.train), len(cut.validation), len(cut.test)) >= 20
