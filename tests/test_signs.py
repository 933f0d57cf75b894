"""What rules read off an abstract stands beside an adapter: counted, fitted, settled on rows held back, and served."""

import gzip
import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tasks
from models.loading import load
from models.reading import READING_FILE, Reading, read
from models.shelf import SHIPPED
from tasks.outcomes import NAMES, SIGNS, outcomes, results
from tasks.spec import Example, UserError
from training import average, data, signpart
from training.config import RunConfig
from training.recalibrate import recalibrate
from training.runs import Run, RunStore
from training.signpart import Part, settle
from training.train import train

TASK = tasks.get("medical_qa")
SAID = {
    "yes": "Pain was significantly lower with the drug (p < 0.01).",
    "no": "There was no significant difference between the groups (p = 0.4).",
    "maybe": "Pain was lower in some, however only a small trend was seen.",
}


def abstract(label: str, i: int) -> Example:
    context = f"Aim {i}. Some {i} were asked. They came.\n{SAID[label]} They were {i} years old. So much for {i}."
    return Example(text=f"Does drug {i} help?", context=context, label=label, targets={"decision": label})


def abstracts(count: int, seed: int) -> list[Example]:
    draw = random.Random(seed)
    return [abstract(draw.choice(("yes", "no", "maybe")), draw.randrange(20, 900)) for _ in range(count)]


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("There was no statistically significant difference (P = .12).", {"denied finding", "no", "large p"}),
        ("Scores were significantly higher (p<0.05; OR 2.1).", {"significant", "small p", "more", "ratio"}),
        (
            "Survival did not improve, although fewer were ill.",
            {"denied finding", "denied verb", "turn", "less", "more"},
        ),
        ("It didn't change.", {"denied finding"}),
        ("Both groups had similar outcomes, or so it seems.", {"alike"}),
        ("Twelve were asked.", set()),
        ("The p\u2009=\u20090·4 was nonsignificant.", {"denied finding", "large p"}),
        ("It didn’t reduce pain; p ≤ 0.05 was not reached.", {"denied finding", "less", "small p"}),
        ("A non-significant trend.", {"denied finding", "little"}),
        ("No clinically significant rise.", {"denied finding", "no"}),
        ("", set()),
    ],
)
def test_what_the_results_say_is_counted(said: str, seen: set[str]) -> None:
    counts = dict(zip(NAMES, outcomes(Example(context=said)), strict=True))
    assert {name for name, count in counts.items() if count} - {"denied verb"} == seen - {"denied verb"}


def test_results_are_the_second_half_however_the_text_is_wrapped() -> None:
    assert results("A one. B two. C three. D four. E five. F six.") == "D four. E five. F six."
    assert results("A one.\nB two. C\nthree.\n\nD four. E\nfive. F six.\n") == "D four. E five. F six."
    assert results("A one. B two. C three.") == "A one. B two. C three."  # picked, not cut
    assert results("") == results(" \n ") == ""


def test_a_long_text_is_counted_at_once() -> None:
    """No expression of these looks at what it has seen again and again: a book takes about as long as its length."""
    book = "no " * 300_000
    assert outcomes(Example(context=book))[NAMES.index("no")] == pytest.approx(np.log1p(300_000))


def plain() -> Reading:
    return Reading.of(TASK, "minilm-l6", 64)


def test_signs_are_mixed_in_their_share_and_learned_without_the_rows_held_back(monkeypatch) -> None:
    config = RunConfig(TASK.name, datasets=("pubmedqa",), sign_share=0.5)
    learned, held = abstracts(120, 1), abstracts(60, 2)
    blank = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)  # an adapter that knows nothing
    fed: list[int] = []
    real = signpart._fitted
    monkeypatch.setattr(signpart, "_fitted", lambda task, rows: (fed.append(len(rows)), real(task, rows))[1])
    alone = settle(TASK, replace(config, sign_share=0.0), plain(), [Part(blank, held, learned)])
    assert not alone.signs and not fed
    both = settle(TASK, config, plain(), [Part(blank, held, learned)])
    assert fed == [120, 180]
    assert both.signs["names"] == list(NAMES)
    right = [row.label for row in held]
    seen = np.array([outcomes(row) for row in held])
    said = [one.best for one in both.predictions(blank + both.beside(seen))]
    assert np.mean([a == b for a, b in zip(said, right, strict=True)]) > 0.9
    fed.clear()
    settle(TASK, config, plain(), [Part(blank[:30], held[:30], learned), Part(blank[30:], held[30:], learned)])
    assert fed == [120, 120, 60]  # of folds each row was held once


def test_a_very_sure_adapter_is_settled_in_its_own_unit() -> None:
    """The temperature of the sum lies beyond where temperatures are looked for, and is found all the same."""
    config = RunConfig(TASK.name, datasets=("pubmedqa",), sign_share=0.9)
    draw = np.random.default_rng(0)
    learned, held = (
        [row if draw.random() < 0.6 else replace(row, label="no", targets={"decision": "no"}) for row in rows]
        for rows in (abstracts(120, 1), abstracts(200, 2))
    )
    right = np.array([TASK.labels.index(row.label) for row in held])
    logits = 12 * (np.eye(3)[np.where(draw.random(200) < 0.7, right, draw.integers(0, 3, 200))]).astype(np.float32)
    found = settle(TASK, config, plain(), [Part(logits, held, learned)])
    (weight, bias), (_, served) = signpart._fitted(TASK, learned), signpart._fitted(TASK, [*learned, *held])
    worth = found.signs["bias"][0] / served[0]
    said = logits + worth * (np.array([outcomes(row) for row in held]) @ weight + bias)

    def loss(temperature: float) -> float:
        scores = replace(found, temperature=temperature).label_scores(said)
        return float(-np.log(scores[np.arange(200), right]).mean())

    assert found.temperature > 5
    assert loss(found.temperature) <= min(loss(found.temperature * k) for k in (0.7, 0.9, 1.1, 1.4))


@pytest.mark.parametrize("labels", [("yes",), ("yes", "no"), ("yes", "no", "maybe")])
def test_rows_of_fewer_labels_still_give_a_reading(labels: tuple[str, ...]) -> None:
    rows = [abstract(labels[i % len(labels)], i) for i in range(30)]
    weight, bias = signpart._fitted(TASK, rows)
    said = np.array([outcomes(abstract(label, 40)) for label in labels]) @ weight + bias
    assert np.isfinite(said).all()
    if len(labels) > 1:
        assert [TASK.labels[i] for i in said.argmax(1)] == list(labels)


SMALL = RunConfig(
    TASK.name,
    datasets=("pubmedqa",),
    sign_share=0.6,
    validation_share=0.5,
    epochs=1,
    batch_size=16,
    rank=4,
    alpha=8,
    first_layer=5,
    max_tokens=48,
)


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder with small train and test files in PubMedQA's shape."""
    folder = tmp_path / "sets" / "pubmedqa"
    folder.mkdir(parents=True)
    for split, count, seed in (("train", 60, 3), ("test", 12, 4)):
        with gzip.open(folder / f"{split}.jsonl.gz", "wt") as file:
            for one in abstracts(count, seed):
                row = {"question": one.text, "contexts": one.context.splitlines(), "final_decision": one.label}
                file.write(json.dumps({**row, "long_answer": "So it is."}) + "\n")
    monkeypatch.setattr(data, "DATA_DIR", tmp_path / "sets")


@pytest.fixture
def run(sets: None, tmp_path: Path) -> Run:
    made = RunStore(tmp_path / "runs").create(SMALL)
    with made.told():
        made.move("running")
        train(made)
        made.move("finished")
    return made


def test_a_run_that_asks_for_them_is_served_with_them(run: Run) -> None:
    served, rows = load(TASK, run.adapter), [abstract(label, 77) for label in SAID]
    with_them = served.logits(rows)
    seen = np.array([outcomes(row) for row in rows])
    served.reading = replace(served.reading, signs={})
    assert with_them == pytest.approx(served.logits(rows) + read(run.adapter, TASK).beside(seen), abs=1e-4)
    again = recalibrate(run)
    assert again.signs == read(run.adapter, TASK).signs
    assert load(TASK, run.adapter).logits(rows) == pytest.approx(with_them, abs=1e-4)


def test_folds_are_averaged_with_their_signs(run: Run) -> None:
    store = RunStore(run.folder.parent)
    other = store.create(replace(SMALL, fold=1))
    with other.told():
        other.move("running")
        train(other)
        other.move("finished")
    made = average.average([run, other], store)
    assert read(made.adapter, TASK).signs["names"] == list(NAMES)


@pytest.mark.parametrize(
    "change",
    [
        lambda signs: signs["names"].reverse(),
        lambda signs: signs["weight"].pop(),
        lambda signs: signs["bias"].append(1.0),
        lambda signs: signs.update(weight="none"),
        lambda signs: signs["weight"][0].__setitem__(0, float("nan")),
        lambda signs: signs.pop("bias"),
        lambda signs: signs.update(version="older"),
        lambda signs: signs["bias"].__setitem__(0, 1e308),
        lambda signs: signs["bias"].__setitem__(0, 10**400),
    ],
)
def test_signs_of_another_version_are_refused(tmp_path: Path, change) -> None:
    shutil.copytree(SHIPPED / TASK.name, tmp_path / "a")
    file = tmp_path / "a" / READING_FILE
    saved = json.loads(file.read_text())
    saved["signs"] = good = {"names": list(NAMES), "version": SIGNS.version, "bias": [0.0, 0.1, 0.2]}
    good["weight"] = [[0.0, 0.5, -0.5] for _ in NAMES]
    file.write_text(json.dumps(saved))
    assert read(tmp_path / "a", TASK).signs == good
    change(good)
    file.write_text(json.dumps(saved))
    with pytest.raises(UserError, match="other signs"):
        read(tmp_path / "a", TASK)


@pytest.mark.parametrize("signs", [[1], "x", 5])
def test_what_is_no_table_of_signs_is_refused(tmp_path: Path, signs: object) -> None:
    shutil.copytree(SHIPPED / TASK.name, tmp_path / "a")
    file = tmp_path / "a" / READING_FILE
    file.write_text(json.dumps(json.loads(file.read_text()) | {"signs": signs}))
    with pytest.raises(UserError, match="other signs"):
        read(tmp_path / "a", TASK)


@pytest.mark.parametrize(
    ("config", "counts"),
    [
        (SMALL, True),
        (replace(SMALL, sign_share=0.0), False),
        (replace(SMALL, base="qwen3-0.6b"), False),
        (RunConfig("drug_reviews", datasets=("druglib",), sign_share=0.5), False),
    ],
)
def test_signs_stand_only_where_a_task_names_them_beside_a_head(config: RunConfig, counts: bool) -> None:
    """Elsewhere the share is passed over, like that of words alone."""
    assert config.counts is counts
