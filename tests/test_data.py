"""Rows, repeats and splits: nothing that was learned from is measured on."""

import gzip
from pathlib import Path

import pytest

import tasks
from tasks.spec import Data, Example, Task, UserError
from training import data, repeats

TASK = tasks.get("drug_reviews")
COLUMNS = [
    "reviewID",
    "urlDrugName",
    "rating",
    "effectiveness",
    "sideEffects",
    "condition",
    "benefitsReview",
    "sideEffectsReview",
    "commentsReview",
]


def druglib(folder: Path, rows: list[tuple[int, str, str, str]]) -> Path:
    """Write a train file in Druglib.com's own shape."""
    (folder / "druglib").mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(COLUMNS)]
    lines += [
        "\t".join(("1", "x", str(rating), "Ineffective", "No Side Effects", "c", *texts)) for rating, *texts in rows
    ]
    with gzip.open(folder / "druglib" / "drugLibTrain_raw.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return folder


def test_the_rows_a_run_will_be_scored_on_are_those_that_are_here(tmp_path, monkeypatch) -> None:
    folder = druglib(tmp_path, [(4, "a", "b", "learned from")])
    monkeypatch.setattr(data, "DATA_DIR", folder)
    assert data.judged(TASK, ("druglib",)) == []  # no test file: nothing to judge by, and nothing that fails
    train = folder / "druglib" / "drugLibTrain_raw.tsv.gz"
    (folder / "druglib" / TASK.dataset("druglib").files["test"]).write_bytes(train.read_bytes())
    assert data.judged(TASK, ("druglib",)) == data.load(TASK.dataset("druglib"), "test") != []


def test_a_row_becomes_an_example_and_none_stays_a_word(tmp_path) -> None:
    folder = druglib(tmp_path, [(4, "NA", "None", "n/a"), (5, "a", "b", "c"), (7, "a", "b", "c")])
    low, middle, high = data.load(TASK.dataset("druglib"), "train", folder)
    assert (low.label, middle.label, high.label) == ("negative", "neutral", "positive")
    assert low.fields == {"benefits": "NA", "side effects": "None", "comments": "n/a"}
    learned = {"rating": "4", "effectiveness": "Ineffective", "side_effects": "No Side Effects"}
    assert low.targets == {**learned, "condition": "c", "drug": "x"}
    assert not {"condition", "drug"} & {head.name for head in TASK.heads}  # errors are counted by them; no head learns


def test_effectiveness_is_a_target_and_never_an_input(tmp_path) -> None:
    """It is nearly the label: of 247 "Ineffective" training rows none is positive."""
    (example,) = data.load(TASK.dataset("druglib"), "train", druglib(tmp_path, [(1, "a", "b", "c")]))
    assert "Ineffective" not in example.all_text
    assert not any("Ineffective" in segment for segment in TASK.segments(example))


def test_a_missing_dataset_is_told_in_a_sentence(tmp_path) -> None:
    with pytest.raises(UserError, match="CARETUNE_DATA"):
        data.load(TASK.dataset("druglib"), "train", tmp_path)
    with pytest.raises(UserError, match="no split 'dev'"):
        data.load(TASK.dataset("druglib"), "dev", tmp_path)


def _reviews(n: int) -> list[Example]:
    """N distinct reviews in three labels; every tenth is followed by a near-copy of itself."""
    out = []
    for i in range(n):
        text = " ".join(f"word{(i * 37 + j * j) % 997} thing{i}" for j in range(20))
        label = TASK.labels[i % 3]
        out.append(Example(text=text, label=label))
        if i % 10 == 0:
            out.append(Example(text=text.upper() + "!", label=label))
    return out


def test_near_copies_never_stand_on_two_sides() -> None:
    rows = _reviews(150)
    split = data.cut(rows, 0.2, seed=3)
    assert not {repeats.key(e) for e in split.train} & {repeats.key(e) for e in split.validation}
    assert len(split.train) + len(split.validation) == len(rows)
    assert 0.1 < len(split.validation) / len(rows) < 0.3


def test_equal_rows_are_found_without_looking_each_up_among_the_others(monkeypatch) -> None:
    """A survey where thousands answer "None" was compared pair by pair."""
    asked = []

    class Index(dict):
        def query(self, mark: object) -> list[int]:
            asked.append(mark)
            return []

        def insert(self, i: int, mark: object) -> None:
            self[i] = mark

    monkeypatch.setattr(repeats, "lookup", Index)
    rows = [Example(text=text, label="positive") for text in ["None.", "It helped", "none", "It helped!"] * 50]
    assert len(set(repeats.groups(rows).tolist())) == len(asked) == 2


def test_a_split_is_known_by_an_id_that_changes_with_any_held_row() -> None:
    rows = _reviews(60)
    again, other_seed = data.cut(rows, 0.2, 3), data.cut(rows, 0.2, 4)
    assert data.cut(rows, 0.2, 3).id == again.id != other_seed.id
    held = again.validation[0]
    changed = [Example(text="quite another text here", label=e.label) if e == held else e for e in rows]
    assert data.cut(changed, 0.2, 3).id != again.id


def test_too_few_rows_are_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match="too few"):
        data.cut(_reviews(3), 0.2, 3)
    with pytest.raises(UserError, match="too few"):
        data.cut([], 0.2, 3)


def test_test_rows_that_repeat_a_training_row_are_left_out() -> None:
    train = [Example(fields={"benefits": "It works.", "comments": "Yes!"})]
    test = [Example(fields={"benefits": "it  works", "comments": "yes"}), Example(text="Something else.")]
    assert data.without_repeats(test, train) == test[1:]


def test_a_held_out_share_is_disjoint_and_the_same_every_time(tmp_path) -> None:
    task = tasks.get("review_aspects")
    nhs = task.dataset("nhs_fft")
    (tmp_path / "nhs_fft").mkdir()
    with gzip.open(tmp_path / "nhs_fft" / "nhs_fft_v6.csv.gz", "wt") as file:
        file.write("text,sentiment3,categories\n")
        file.writelines(f"the nurse number {i} was kind,positive,Staff continuity\n" for i in range(300))
    train, test = data.load(nhs, "train", tmp_path), data.load(nhs, "test", tmp_path)
    assert len(train) + len(test) == 300 and 30 < len(test) < 90
    assert not {repeats.key(e) for e in train} & {repeats.key(e) for e in test}


@pytest.mark.parametrize(
    ("task", "dataset"),
    [pytest.param(task, found, id=f"{task.name}-{found.name}") for task in tasks.ALL for found in task.data],
)
def test_the_real_rows_fit_the_task(task: Task, dataset: Data) -> None:
    """Every label and target of every set at hand is one the task knows."""
    if not data.here(dataset):
        pytest.skip(f"{dataset.name} is not on this machine")
    if dataset.name == "medqa_answers":
        pytest.skip("its training rows come from the authors")
    rows = data.load(dataset, next(iter(dataset.files)))
    assert len(rows) > 100
    assert {row.label for row in rows} <= ({None} if task.heads[0].multi or dataset.written else set(task.labels))
    assert not dataset.written or all(row.targets[task.prompt.answer] for row in rows)
    for head in task.heads:
        given = [row.targets[head.name] for row in rows if head.name in row.targets]
        values = {v for g in given for v in g} if head.multi else set(given)
        assert values <= set(head.values) | ({"?"} if head.multi else set())


def test_nineteen_test_rows_of_druglib_repeat_train() -> None:
    """The count the set's own description gives."""
    dataset = TASK.dataset("druglib")
    if not (data.DATA_DIR / dataset.folder).is_dir():
        pytest.skip("druglib is not on this machine")
    train, test = data.load(dataset, "train"), data.load(dataset, "test")
    assert (len(train), len(test), len(data.without_repeats(test, train))) == (3107, 1036, 1017)
