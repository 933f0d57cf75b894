"""A trainer's own file: columns and labels understood, every fault told by line, and rows kept for one run only."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tasks
from tasks.spec import Example, Turn, UserError
from training import columns, data, frozen, labels, repeats, upload

REVIEWS, ASPECTS, NOTES = (tasks.get(name) for name in ("drug_reviews", "review_aspects", "clinical_notes"))


def put(folder: Path, content: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def reviews(*rows: tuple[str, str]) -> str:
    return "review,label\n" + "".join(f"{text},{label}\n" for text, label in rows)


def test_a_file_is_looked_at_before_anything_is_decided(tmp_path) -> None:
    lines = "".join(f'{i},"text {i} with, words",{"yes" if i % 2 else "no"}\n' for i in range(100))
    seen = upload.look(put(tmp_path, f"id,review,useful\n{lines}bad row\n"))
    assert seen.names == ["id", "review", "useful"] and seen.rows == 100 and len(seen.preview) == 10
    assert [(p.line, p.reason) for p in seen.problems] == [(102, "1 cells where the header has 3")]
    ids, review, useful = seen.columns
    assert ids.values == {} and useful.values == {"no": 50, "yes": 50}
    assert review.filled == 100 and review.words == 4.0


def test_a_file_without_column_names_is_asked_about(tmp_path) -> None:
    assert "looks like a row" in upload.look(put(tmp_path, "good drug,1\nbad drug,0\n")).findings[0]
    assert "no rows" in upload.look(put(tmp_path, "text,label\n")).findings[0]


def test_columns_are_known_by_their_names(tmp_path) -> None:
    head = "reviewID\turlDrugName\trating\teffectiveness\tsideEffects"
    head += "\tbenefitsReview\tsideEffectsReview\tcommentsReview"
    seen = upload.look(put(tmp_path, f"{head}\n1\tx\t4\tIneffective\tMild Side Effects\ta\tb\tc\n", "a.tsv"))
    assert upload.guess(REVIEWS, seen) == {
        "benefits": "benefitsReview",
        "side effects": "sideEffectsReview",
        "comments": "commentsReview",
        "label": "rating",
        "effectiveness": "effectiveness",
        "side_effects": "sideEffects",
    }
    unnamed = upload.look(put(tmp_path, "q1,q2,class\nshort,a rather long answer in words,x\n"))
    assert upload.guess(ASPECTS, unnamed) == {"text": "q2", "label": "class"}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"text": "gone", "label": "label"}, "no column 'gone'"),
        ({"benefits": "review"}, "which column holds the label"),
        ({"label": "label"}, "which column holds the text"),
        ({"comments": "label", "label": "label"}, "two things at once"),
        ({"smell": "review", "label": "label"}, "reads no 'smell'"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(tmp_path, chosen: dict[str, str], said: str) -> None:
    chosen = {"comments" if role == "text" else role: name for role, name in chosen.items()}
    with pytest.raises(UserError, match=said):
        upload.read(put(tmp_path, reviews(("a", "positive"))), REVIEWS, chosen)


def test_columns_can_be_chosen_and_become_the_tasks_slots(tmp_path) -> None:
    path = put(tmp_path, "x,y,z\nit helped,made me dizzy,negative\n,only this,positive\n")
    loaded = upload.read(path, REVIEWS, {"benefits": "x", "side effects": "y", "label": "z"})
    assert loaded.examples == (
        Example(fields={"benefits": "it helped", "side effects": "made me dizzy"}, label="negative"),
        Example(fields={"side effects": "only this"}, label="positive"),
    )


def test_every_fault_is_told_by_its_line_and_the_rest_is_kept(tmp_path) -> None:
    lines = [
        '{"review": "fine words", "label": "positive"}',
        '{"review": "", "label": "positive"}',
        '{"review": 12, "label": "positive"}',
        '{"review": ["a"], "label": "positive"}',
        "{bad json",
        '{"review": "no label here"}',
        '{"review": "odd label", "label": "purple"}',
        '{"review": "\\u200b\\u0301", "label": "negative"}',
        '{"review": "more words", "label": "negative"}',
    ]
    loaded = upload.read(put(tmp_path, "\n".join(lines), "a.jsonl"), REVIEWS)
    assert [e.label for e in loaded.examples] == ["positive", "negative"] and loaded.lines == (1, 9)
    told = {p.line: p.reason for p in loaded.problems}
    assert loaded.skipped == len(told) == 7
    assert told[2] == "no text" and "plain text" in told[3] and "plain text" in told[4]
    assert told[5] == "not valid JSON" and told[6] == "label: no label"
    assert told[7] == "label: unknown label 'purple'" and "review" in told[8]


def test_many_faults_are_all_counted_and_the_first_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(columns, "PROBLEMS", 5)
    loaded = upload.read(put(tmp_path, reviews(*[("text", "purple")] * 30, ("text", "positive"))), REVIEWS)
    assert loaded.skipped == 30 and len(loaded.problems) == 5


def test_spellings_of_a_label_are_offered_for_merging_and_not_merged_unasked(tmp_path) -> None:
    path = put(tmp_path, reviews(("a b", "Positive"), ("c d", "positive"), ("e f", "POS"), ("g h", "?!"), ("i", "neg")))
    first = upload.read(path, REVIEWS)
    assert [e.label for e in first.examples] == ["positive"] and first.skipped == 4
    assert first.merges == {"Positive": "positive", "positive": "positive", "POS": "positive", "neg": "negative"}
    assert "'Positive' (1), 'positive' (1)" in first.findings[0] and "ready mapping" in first.findings[1]
    merged = upload.read(path, REVIEWS, first.columns, {**first.merges, "?!": ""})
    assert [e.label for e in merged.examples] == ["positive"] * 3 + ["negative"]
    assert (merged.left_out, merged.skipped) == (1, 0)


def test_a_mapping_onto_what_the_task_does_not_know_is_refused(tmp_path) -> None:
    with pytest.raises(UserError, match="no label 'great'"):
        upload.read(put(tmp_path, reviews(("a", "x"))), REVIEWS, None, {"x": "great"})


def test_ratings_are_the_main_heads_values_and_stars_are_only_offered(tmp_path) -> None:
    """1 to 5 could be stars or the low half of a scale of ten: read as the scale, every set would look negative."""
    ten = upload.read(put(tmp_path, reviews(("a", "2"), ("b", "5"), ("c", "9"))), REVIEWS)
    assert [(e.label, e.targets) for e in ten.examples] == [
        ("negative", {"rating": "2"}),
        ("neutral", {"rating": "5"}),
        ("positive", {"rating": "9"}),
    ]
    path = put(tmp_path, reviews(("a", "1"), ("b", "3"), ("c", "5")))
    stars = upload.read(path, REVIEWS)
    assert stars.examples == () and stars.merges == {"1": "2", "3": "6", "5": "10"}
    taken = upload.read(path, REVIEWS, stars.columns, stars.merges)
    assert [e.label for e in taken.examples] == ["negative", "neutral", "positive"]
    for unclear in (("0", "1"), ("1", "2"), ("1",)):
        loaded = upload.read(put(tmp_path, reviews(*(("a", label) for label in unclear))), REVIEWS)
        assert loaded.examples == () and loaded.merges == {}


def test_whole_numbers_with_a_gap_are_labels_still(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"review": ["a", "b", "c"], "rating": [9.0, 1.0, None]}), path)
    loaded = upload.read(path, REVIEWS)
    assert [e.label for e in loaded.examples] == ["positive", "negative"]
    assert [p.reason for p in loaded.problems] == ["rating: no label"]


@pytest.mark.parametrize("cell", ['["428.0", "V5861"]', "428.0|V5861", "428.0; V5861", "7;18"])
def test_labels_that_hold_together_are_read_from_lists_and_codes(tmp_path, cell: str) -> None:
    rows = [{"note": "admitted with oedema", "codes": cell}, {"note": "nothing known", "codes": "428.0|999999"}]
    path = put(tmp_path, "\n".join(map(json.dumps, rows)), "a.jsonl")
    first = upload.read(path, NOTES, {"text": "note", "label": "codes"})
    loaded = upload.read(path, NOTES, first.columns, first.merges)
    assert loaded.examples[0].targets == {"categories": ("Cardiovascular", "Supplementary")}
    assert loaded.examples[0].label is None and loaded.histogram["Cardiovascular"] == len(loaded.examples)
    assert loaded.problems[0].reason == f"codes: unknown label {'999999'!r}"


def test_an_extra_target_is_taken_where_the_task_knows_its_value(tmp_path) -> None:
    path = put(tmp_path, "review,sentiment,aspects\nkind staff,positive,staff|parking\nslow,negative,\n")
    loaded = upload.read(path, ASPECTS)
    assert loaded.examples[0] == Example(
        text="kind staff", label="positive", targets={"polarity": "positive", "aspects": ("staff",)}
    )
    assert loaded.examples[1].targets == {"polarity": "negative"}


def test_findings_on_the_whole_are_sentences(tmp_path) -> None:
    one = upload.read(put(tmp_path, reviews(*[(f"text {i}", "positive") for i in range(9)])), REVIEWS)
    assert any("one label, 'positive'" in said for said in one.findings)
    rows = [
        *[(f"text {i}", ("positive", "negative")[i % 2]) for i in range(40)],
        ("TEXT 2!", "negative"),
        ("text 4", "positive"),
    ]
    some = upload.read(put(tmp_path, reviews(*rows)), REVIEWS)
    said = " ".join(some.findings)
    assert "No uploaded row is labelled neutral" in said and "2 rows repeat" in said
    assert "1 texts carry more than one label (lines 4, 42)" in said
    assert some.histogram == {"negative": 21, "neutral": 0, "positive": 21} and some.lengths.most == 2
    none = upload.read(put(tmp_path, reviews(("text", "purple"))), REVIEWS)
    assert "say which of negative, neutral, positive is meant by purple" in none.findings[-1]


def test_a_column_that_says_the_label_is_told_though_it_is_not_read(tmp_path) -> None:
    lines = "".join(f"word{i} and more,{'positive' if i % 2 else 'negative'},case {i % 2}_{i}\n" for i in range(60))
    loaded = upload.read(put(tmp_path, f"review,label,case\n{lines}"), REVIEWS)
    assert loaded.tells == ()
    marked = lines.replace("case 1_", "good_").replace("case 0_", "bad_")
    loaded = upload.read(put(tmp_path, f"review,label,case\n{marked}"), REVIEWS)
    assert [(tell.kind, tell.name) for tell in loaded.tells] == [("column", "case")]


@pytest.mark.parametrize(("limit", "value"), [("MAX_ROWS", 10), ("MAX_TEXT", 50), ("SECONDS", -1.0)])
def test_a_file_beyond_what_a_run_can_take_is_refused(tmp_path, monkeypatch, limit: str, value: float) -> None:
    monkeypatch.setattr(columns, limit, value)
    path = put(tmp_path, reviews(*[(f"text {i}", "positive") for i in range(30)]))
    for reader in (upload.look, lambda file: upload.read(file, REVIEWS, {"comments": "review", "label": "label"})):
        with pytest.raises(UserError, match=r"at most|longer than"):
            reader(path)


def test_values_that_differ_in_spelling_only_are_grouped() -> None:
    assert labels.spellings({"pos": 1, "Pos ": 5, "neg": 2, "POS!": 2}) == [("Pos ", "POS!", "pos")]


def rows(n: int) -> list[Example]:
    return [
        Example(text=f"word{i} thing{i * 7 % 31} said{i}", label=("negative", "neutral", "positive")[i % 3])
        for i in range(n)
    ]


def test_rows_are_cut_in_three_by_label_and_known_by_an_id() -> None:
    cut = frozen.split(rows(300), 0.2, 0.2, seed=3, source={"file": "abc"})
    assert len(cut.train) + len(cut.validation) + len(cut.test) == 300
    assert 45 <= len(cut.validation) <= 75 and 45 <= len(cut.test) <= 75
    keys = [{repeats.key(row) for row in part} for part in cut.parts.values()]
    assert not keys[0] & keys[1] and not keys[0] & keys[2] and not keys[1] & keys[2]
    assert all({row.label for row in part} == {"negative", "neutral", "positive"} for part in cut.parts.values())
    assert cut.id == frozen.split(rows(300), 0.2, 0.2, seed=3).id != frozen.split(rows(300), 0.2, 0.2, seed=4).id
    changed = [Example(text=r.text, label="positive") if i == 4 else r for i, r in enumerate(rows(300))]
    assert frozen.split(changed, 0.2, 0.2, seed=3).id != cut.id
    assert frozen.split(rows(300), 0.2, 0.0, seed=3).test == ()


def test_near_copies_stay_on_one_side_of_a_cut_in_three() -> None:
    text = " ".join(f"w{j}" for j in range(30))
    copies = [Example(text=f"{text} {i}", label="positive") for i in range(20)]
    cut = frozen.split([*rows(200), *copies], 0.2, 0.2, seed=1)
    assert sum(any(row in part for row in copies) for part in cut.parts.values()) == 1


def test_a_cut_says_which_label_a_part_lacks() -> None:
    cut = frozen.Cut(tuple(rows(30)), tuple(rows(30)), tuple(row for row in rows(30) if row.label == "neutral"))
    assert [said for said in cut.findings(REVIEWS) if "test" in said] == [
        "All test rows carry one label, 'neutral': nothing can be learned or measured on them."
    ]
    lacking = frozen.Cut(tuple(rows(30)), tuple(row for row in rows(30) if row.label != "neutral"))
    assert "No validation row is labelled neutral." in lacking.findings(REVIEWS)


@pytest.mark.parametrize("shares", [(0.5, 0.4), (0.0, 0.2), (0.2, 1.0), (float("nan"), 0.2)])
def test_shares_that_leave_nothing_to_learn_from_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(UserError, match="left to learn from"):
        frozen.split(rows(100), *shares)


def test_rows_come_back_as_they_were_written(tmp_path) -> None:
    row = Example(
        text="caf\u00e9 \ud800 \u2028 x",
        fields={"benefits": "a\nb"},
        context="c",
        history=(Turn("patient", "hello"),),
        label="positive",
        targets={"rating": "9", "aspects": ("cost", "staff")},
    )
    digest = frozen.write([row, *rows(3)], tmp_path / "rows.jsonl")
    assert frozen.read(tmp_path / "rows.jsonl", digest) == [row, *rows(3)]
    assert list(tmp_path.iterdir()) == [tmp_path / "rows.jsonl"]
    cut = frozen.split(rows(100), source={"hub": "a/b", "revision": "c" * 40})
    digest = frozen.write(cut, tmp_path / "cut.jsonl")
    assert frozen.read_cut(tmp_path / "cut.jsonl", digest) == cut
    assert len(frozen.read(tmp_path / "cut.jsonl")) == 100


def test_rows_that_were_changed_are_refused(tmp_path) -> None:
    path = tmp_path / "rows.jsonl"
    digest = frozen.write(frozen.split(rows(100)), path)
    path.write_text(path.read_text().replace("word3 ", "word4 "))
    with pytest.raises(UserError, match="not those"):
        frozen.read_cut(path, digest)
    with pytest.raises(UserError, match="changed after"):
        frozen.read_cut(path)
    for damage in ("{", '{"part": "train"}\n', "[1]\n"):
        path.write_text(damage)
        with pytest.raises(UserError, match="cannot be read"):
            frozen.read(path)
    path.unlink()
    with pytest.raises(UserError, match="not in its folder"):
        frozen.read(path)


@pytest.mark.skipif(not (data.DATA_DIR / "druglib").is_dir(), reason="the shared sets are not on this machine")
def test_the_tasks_own_set_uploaded_gives_the_same_examples(tmp_path) -> None:
    dataset = REVIEWS.dataset("druglib")
    raw = list(data.raw(data.DATA_DIR / "druglib" / dataset.files["test"]))
    path = put(tmp_path, "\n".join(json.dumps(row) for row in raw), "a.jsonl")
    loaded = upload.read(path, REVIEWS)
    heads = {head.name for head in REVIEWS.heads}
    wanted = [  # Condition and drug are for counting errors on the shelf's own sets; no model learns them.
        replace(example, targets={name: value for name, value in example.targets.items() if name in heads})
        for example in data.load(dataset, "test")
    ]
    assert list(loaded.examples) == wanted and loaded.skipped == 0
