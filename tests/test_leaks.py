"""The leak check: repeats across splits, one file holding another, and labels that give themselves away."""

import random

import pytest

import tasks
from tasks.spec import Example
from training import data, leaks, tells

WORDS = [f"word{i}" for i in range(400)]
LABELS = ("negative", "neutral", "positive")


def honest(n: int, seed: int) -> list[Example]:
    """Rows of random words, labels going round: nothing in them tells the label."""
    draw = random.Random(seed)
    return [Example(text=" ".join(draw.choices(WORDS, k=30)), label=LABELS[i % 3]) for i in range(n)]


def retold(row: Example, **changes: object) -> Example:
    return Example(**{"text": row.text, "label": row.label, **changes})


def test_honest_splits_are_clean() -> None:
    found = leaks.check(honest(200, 1), honest(50, 2), honest(50, 3))
    assert found.clean and found.findings == () and not found.leaked_test


def test_repeats_are_counted_by_kind_and_named_by_row() -> None:
    train, test = honest(200, 1), honest(60, 2)
    words = train[20].text.split()
    test[3] = retold(train[10], text=train[10].text.upper() + "!!")  # the same words
    test[7] = retold(train[20], text=" ".join([*words[:29], "other"]))  # one word of thirty changed
    test[9] = retold(train[30], label="neutral" if train[30].label != "neutral" else "positive")
    test[11] = retold(train[40], text=" ".join(words[:15] + WORDS[:15]))  # half of it: no repeat
    found = leaks.check(train, (), test)
    (overlap,) = found.overlaps
    assert [(t.left, t.right) for t in overlap.exact] == [(10, 3), (30, 9)]
    assert [(t.left, t.right) for t in overlap.near] == [(20, 7)] and 0.7 <= overlap.near[0].likeness < 1
    assert found.leaked_test == {3, 7, 9}
    assert not overlap.exact[1].same_label
    (said,) = found.findings
    assert "3 test rows" in said and "2 of them word for word" in said and "1 with another label" in said
    assert "test 4 = train 11" in said  # people count from 1


def test_rows_chosen_by_are_leaked_too() -> None:
    train, validation, test = honest(100, 1), honest(30, 2), honest(30, 3)
    test[0], validation[5] = retold(validation[1]), retold(train[2])
    found = leaks.check(train, validation, test)
    assert found.leaked_test == {0} and found.leaked_validation == {5}


def test_the_agreeing_row_is_the_twin_where_equal_texts_disagree() -> None:
    row = honest(1, 5)[0]
    train = [retold(row, label="positive"), retold(row, label="negative"), *honest(40, 1)]
    (overlap,) = leaks.check(train, (), [retold(row, label="negative")]).overlaps
    assert overlap.exact[0].left == 1 and overlap.exact[0].same_label


@pytest.mark.parametrize("turned", [False, True], ids=["train holds test", "test holds train"])
def test_a_file_that_holds_the_other_is_told(turned: bool) -> None:
    small = honest(40, 1)
    large = [*honest(100, 2), *small[:38]]
    found = leaks.check(small, (), large) if turned else leaks.check(large, (), small)
    outer, inner = ("test", "train") if turned else ("train", "test")
    assert f"The {outer} rows hold the {inner} rows: 38 of 40" in found.findings[0]


def test_rows_without_words_repeat_nothing() -> None:
    empty = [Example(text="…", label="positive")] * 30
    assert not leaks.check(empty, (), empty).overlaps


@pytest.mark.parametrize("mark", ["#pos#", "?", "zzz"])
def test_a_word_or_mark_that_says_the_label_is_named(mark: str) -> None:
    rows = [retold(row, text=f"{row.text} {mark}" if row.label == "positive" else row.text) for row in honest(150, 1)]
    found = tells.of(rows)
    assert found and found[0].kind == "token" and found[0].label == "positive"
    assert found[0].right == found[0].rows == 50 and found[0].share == pytest.approx(1.0)
    assert "50 of the 50 rows" in leaks.check(rows).findings[0]


def test_the_rule_is_the_share_of_the_labels_uncertainty() -> None:
    """With two equal labels, a word that is right in a share q of cases removes 1 - H(q) of the label."""
    rows = []
    for i, row in enumerate(honest(200, 1)):
        label = "positive" if i < 100 else "negative"
        word = "alpha" if (i % 100 < 90) == (i < 100) else ""  # in 90 of 100 positive and 10 of 100 negative rows
        rows.append(retold(row, text=f"{row.text} {word}", label=label))
    (tell,) = [t for t in tells.of(rows) if t.name == "alpha"]
    assert tell.share == pytest.approx(1 - 0.4690, abs=1e-3) and (tell.rows, tell.right) == (100, 90)
    weaker = [retold(r, text=r.text.replace("alpha", "")) if i % 10 == 1 else r for i, r in enumerate(rows)]
    assert not [t for t in tells.of(weaker) if t.name == "alpha"]


def test_labels_that_hold_together_are_judged_one_by_one() -> None:
    draw = random.Random(1)
    rows = []
    for row in honest(300, 1):
        held = tuple(sorted(draw.sample(["heart", "skin", "eye"], 2)))
        rows.append(Example(text=row.text + (" MARKER" if "eye" in held else ""), targets={"kinds": held}))
    (tell,) = [tell for tell in tells.of(rows) if tell.kind == "token"]
    assert (tell.name, tell.label) == ("marker", "eye")


def test_the_shape_of_a_text_can_tell_its_label() -> None:
    rows = [retold(r, text=r.text if r.label == "positive" else " ".join(r.text.split()[:12])) for r in honest(150, 1)]
    assert any("length" in tell.name for tell in tells.of(rows))
    fields = [{"a": r.text, "b": r.text if r.label == "neutral" else ""} for r in honest(150, 1)]
    filled = [Example(fields=f, label=r.label) for f, r in zip(fields, honest(150, 1), strict=True)]
    assert any(tell.name == "whether 'b' is filled" for tell in tells.of(filled))


def test_a_column_is_judged_beyond_chance() -> None:
    """An id says each label by itself and a random column of 40 kinds says 10 % by chance; neither is named."""
    draw, marks = random.Random(1), [frozenset({label}) for label in LABELS * 100]
    cells = {
        "id": [f"row{i}" for i in range(300)],
        "noise": [str(draw.randrange(40)) for _ in marks],
        "kind": [{"negative": "bad", "neutral": "so", "positive": "good"}[next(iter(m))] for m in marks],
        "named_id": [f"{next(iter(m))[:3]}_{i}" for i, m in enumerate(marks)],
        "one": ["x"] * 300,
    }
    found = {tell.name: tell.share for tell in tells.columns(cells, marks)}
    assert found.keys() == {"kind", "named_id"} and found["kind"] == pytest.approx(1.0)


def test_of_a_few_rows_nothing_is_said() -> None:
    assert tells.of([Example(text="good", label="positive"), Example(text="bad", label="negative")] * 8) == []
    assert leaks.check([]).clean and leaks.check([], [], []).clean


def test_of_very_many_rows_some_are_looked_at(monkeypatch) -> None:
    rows = [retold(row, text=f"{row.text} zzz" if row.label == "positive" else row.text) for row in honest(300, 1)]
    monkeypatch.setattr(tells, "MOST", 100)
    (tell,) = [tell for tell in tells.of(rows) if tell.kind == "token"]
    assert tell.name == "zzz" and 20 <= tell.rows <= 46 and tells.of(rows)[0] == tells.of(rows)[0]


def test_what_a_report_carries_is_plain_json() -> None:
    train, test = honest(60, 1), honest(20, 2)
    test[4] = train[0]
    said = leaks.check(train, (), test).as_dict()
    assert said["leaked_test"] == [4] and said["sizes"] == {"train": 60, "validation": 0, "test": 20}


here = pytest.mark.skipif(not (data.DATA_DIR / "druglib").is_dir(), reason="the shared sets are not on this machine")


@here
def test_druglib_leaks_what_its_description_says_and_nothing_gives_it_away() -> None:
    """19 test rows stand verbatim in train; read as text, no word says the rating, but effectiveness nearly does."""
    dataset = tasks.get("drug_reviews").dataset("druglib")
    train, test = data.load(dataset, "train"), data.load(dataset, "test")
    found = leaks.check(train, (), test)
    (overlap,) = found.overlaps
    assert len(overlap.exact) == 19 and all(t.same_label for t in overlap.exact) and len(found.leaked_test) == 20
    assert found.tells == ()
    rows = list(data.raw(data.DATA_DIR / "druglib" / dataset.files["train"]))
    cells = {name: [row[name] for row in rows] for name in ("reviewID", "urlDrugName", "effectiveness")}
    assert [tell.name for tell in tells.columns(cells, [tells.marks_of(e) for e in train])] == ["effectiveness"]


@here
@pytest.mark.parametrize(
    ("path", "text", "name"),
    [("coaid/claims.csv.gz", "title", "?"), ("coaid/news.csv.gz", "title", ".")],
)
def test_the_marks_that_give_coaid_away_are_found(path: str, text: str, name: str) -> None:
    if not (data.DATA_DIR / path).is_file():
        pytest.skip(f"{path} is not on this machine")
    rows = [Example(text=row[text], label=row["label"]) for row in data.raw(data.DATA_DIR / path)]
    assert [tell.name for tell in tells.of(rows) if tell.kind == "token"] == [name]
