"""A run from recipe to report, small enough for a minute: the same code as the real one, on rows made here."""

import math
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from test_data import druglib

import tasks
from models.loading import load
from models.reading import Reading
from models.shelf import Adapter, Shelf
from tasks.spec import Example, Task, UserError
from training import data, evaluate, evaluate_ranked
from training.cards import card
from training.config import RunConfig
from training.fitting import Fitting, Outside
from training.learner import fit
from training.loss import TaskLoss
from training.promote import promote, ship
from training.runs import RunStore
from training.train import main, train

TASK = tasks.get("drug_reviews")
WORDS = {2: "awful nausea useless pain worse", 5: "some help mild tired mixed", 9: "great relief works happy saved"}


def rows(n: int, seed: int) -> list[tuple[int, str, str, str]]:
    rng = random.Random(seed)
    out = []
    for i in range(n):
        rating = (2, 9, 9, 5)[i % 4]
        words = [" ".join(rng.choices(WORDS[rating].split(), k=5)) + f" day {i} {seed}" for _ in range(3)]
        out.append((rating, *words))
    return out


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with small train and test files in Druglib.com's shape."""
    root = druglib(tmp_path / "sets", rows(64, 1))
    (root / "druglib" / "drugLibTrain_raw.tsv.gz").rename(root / "druglib" / "train")
    druglib(tmp_path / "sets", rows(24, 2))
    (root / "druglib" / "drugLibTrain_raw.tsv.gz").rename(root / "druglib" / "drugLibTest_raw.tsv.gz")
    (root / "druglib" / "train").rename(root / "druglib" / "drugLibTrain_raw.tsv.gz")
    monkeypatch.setattr(data, "DATA_DIR", root)
    return root


def config(**knobs: float) -> RunConfig:
    small = {
        "epochs": 2,
        "batch_size": 8,
        "rank": 4,
        "alpha": 8,
        "first_layer": 4,
        "max_tokens": 48,
        "learning_rate": 3e-3,
    }
    return RunConfig(TASK.name, datasets=("druglib",), **{**small, "validation_share": 0.25, **knobs})


def test_a_run_learns_is_scored_is_promoted_and_answers(folder, tmp_path) -> None:
    """The whole way, twice: the second promotion must be followed as well as the first."""
    shelf = Shelf(tmp_path / "shelf", shipped=tmp_path / "shipped")
    for seed in (1, 2):
        run = RunStore(tmp_path / "runs").create(config(seed=seed, epochs=4))
        with pytest.raises(UserError, match="scored"):
            promote(run, shelf)
        train(run)
        assert run.state == "queued"  # only a worker or the command line says more
        assert run.report is None
        curve = run.points
        assert curve[-1]["validation_loss"] < math.log(3)
        assert next(p["step"] for p in curve if "loss" in p) < 10  # an epoch of few steps is drawn as well
        assert curve[-1]["validation_rows"] == run.facts["validation_rows"]
        assert run.facts["settled_rows"] == run.facts["validation_rows"]  # no other set brings any
        assert curve[-1]["validation_samples_per_second"] > 0
        assert evaluate.main([str(run.folder)]) == 0
        assert run.report.main.n == 24
        assert run.report.main.accuracy > 0.8  # the words give the label away; what does not learn this is broken
        promote(run, shelf)
        assert shelf.current(TASK).run == run.id
    predictor = load(TASK, Path(shelf.current(TASK).folder))
    (answer,) = predictor.predict([Example(text="great relief works happy")])
    assert answer.best == "positive"
    assert ship(run, shelf, card(TASK, run, run.report)) == tmp_path / "shipped" / TASK.name
    assert f"{run.report.main.accuracy:.3f}" in (tmp_path / "shipped" / TASK.name / "README.md").read_text()


def test_where_training_repeats_every_test_row_that_is_said_and_nothing_scored(folder) -> None:
    """An empty set but the first is left out: it has no score, and none is needed."""
    shutil.copy(folder / "druglib" / "drugLibTrain_raw.tsv.gz", folder / "druglib" / "drugLibTest_raw.tsv.gz")
    with pytest.raises(UserError, match="No test row is left to score on"):
        evaluate.row_sets(TASK, config())
    with pytest.raises(UserError, match="No test row is left to score on"):
        evaluate_ranked.filled({"test": [], "other": [Example(text="a")]})
    assert list(evaluate_ranked.filled({"test": [Example(text="a")], "other": []})) == ["test"]


def _score(_: object) -> dict[str, float]:
    return {"score": 0.0}


def _weights(seed: int) -> dict[str, torch.Tensor]:
    examples = [e for row in rows(24, 3) for e in [Example(text=row[1], label="positive", targets={"rating": "9"})]]
    learned = fit(TASK, config(epochs=1, seed=seed), examples, _score, Outside())
    return {name: p.detach().clone() for name, p in learned.reader.named_parameters() if p.requires_grad}


def test_the_same_seed_gives_the_same_adapter_bit_for_bit() -> None:
    one, two, other = _weights(5), _weights(5), _weights(6)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_the_loss_of_four_small_batches_is_that_of_one_large() -> None:
    """The gradients of a step are the same, however many batches it is made of."""
    examples = [Example(text=r[1], label="negative", targets={"rating": "2"}) for r in rows(16, 4)]
    gradients = []
    for batch, steps in ((16, 1), (4, 4)):
        cfg = config(
            batch_size=batch, accumulation=steps, dropout=0.0, head_dropout=0.0, epochs=1, max_grad_norm=1000.0
        )
        seen: list[torch.Tensor] = []
        real = Fitting.step

        def watched(self: Fitting, loss: torch.Tensor, last: bool, share: float, real=real, seen=seen) -> float | None:
            if last:
                hook = self.reader.head.out.weight.register_post_accumulate_grad_hook(
                    lambda p: seen.append(p.grad.clone())
                )
                norm = real(self, loss, last, share)
                hook.remove()
                return norm
            return real(self, loss, last, share)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Fitting, "step", watched)
            fit(TASK, cfg, examples, _score, Outside())
        gradients.append(seen[-1])
    assert torch.allclose(gradients[0], gradients[1], atol=1e-5)


def test_a_loss_that_is_no_number_ends_the_run_and_the_folder_says_so(folder, tmp_path) -> None:
    recipe = tmp_path / "bad.yaml"
    recipe.write_text(config(learning_rate=0.1, head_learning_rate=0.1).dump())
    store = tmp_path / "runs"

    def broken(self: TaskLoss, logits: torch.Tensor, targets: object) -> torch.Tensor:
        return logits.sum() * float("nan")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(TaskLoss, "__call__", broken)
        main([str(recipe), "--runs", str(store)])
    (run,) = (RunStore(store).get(id) for id in RunStore(store).ids())
    assert run.state == "failed"
    assert run.cause.startswith("The loss is not a number at step 0")
    assert not (run.adapter / "reading.json").exists()


def test_an_ordinal_target_is_nearly_right_next_door() -> None:
    loss = TaskLoss(TASK, config(), [Example(label="negative")])
    targets = loss.targets([Example(label="negative", targets={"rating": "2"})])

    def of(rating: int) -> float:
        logits = torch.full((1, 20), 0.0)
        logits[0, rating - 1] = 5.0
        return loss(logits, targets).item()

    assert of(2) < of(3) < of(4) < of(8)


def test_unknown_targets_cost_nothing() -> None:
    """A row without a rating or aspects teaches only what it knows."""
    task = tasks.get("review_aspects")
    loss = TaskLoss(task, RunConfig(task.name, label_loss=0.0), [Example(label="negative")])
    some = loss.targets([Example(text="x", label=None)])
    assert loss(torch.randn(1, 12), some).item() == 0.0


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("rank", 0),
        ("rank", 1.5),
        ("rank", "8"),
        ("rank", True),
        ("learning_rate", float("nan")),
        ("learning_rate", math.inf),
        ("epochs", 10**9),
        ("epochs", None),
        ("dropout", -0.1),
        ("seed", [1]),
    ],
)
def test_a_knob_out_of_its_limits_is_named_in_plain_words(knob: str, value: object) -> None:
    with pytest.raises(UserError, match=f"{knob} must be a"):
        RunConfig(TASK.name, **{knob: value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task: [", "readable YAML"),
        ("- 1", "names no task"),
        ("task: nope", "no task 'nope'"),
        ("task: drug_reviews\nwarp: 1", "warp"),
        ("task: drug_reviews\ndatasets: [other]", "no dataset other"),
    ],
)
def test_a_recipe_that_says_nothing_sensible_is_refused(tmp_path, text: str, said: str) -> None:
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(UserError, match=said):
        RunConfig.load(tmp_path / "r.yaml")


@pytest.mark.parametrize("recipe", sorted(Path("recipes").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_recipe_is_tested_by_lying_in_the_folder(recipe: Path, tmp_path: Path) -> None:
    read = RunConfig.load(recipe)
    assert recipe.stem.startswith(read.task)
    (tmp_path / "again.yaml").write_text(read.dump())
    assert RunConfig.load(tmp_path / "again.yaml") == read


def test_a_run_with_other_labels_cannot_go_live(tmp_path) -> None:
    shelf = Shelf(tmp_path)
    with pytest.raises(UserError, match="the tab shows"):
        shelf.put(TASK, Adapter("r", "f", tuple(reversed(TASK.labels)), "h"))


def test_the_floor_is_learned_and_beats_the_majority() -> None:
    from training.floors import Tfidf, majority

    examples = [e for r in rows(80, 5) for e in TASK.dataset("druglib").to_examples(_row(r))]
    right = [e.label for e in examples[40:]]
    floor = [p.label for p in Tfidf(TASK, examples[:40]).predict(examples[40:])]
    common = [p.label for p in majority(TASK, examples[:40]).predict(examples[40:])]
    assert np.mean([a == b for a, b in zip(floor, right, strict=True)]) > np.mean(
        [a == b for a, b in zip(common, right, strict=True)]
    )


def _row(row: tuple[int, str, str, str]) -> dict[str, object]:
    names = ("rating", "benefitsReview", "sideEffectsReview", "commentsReview")
    return dict(zip(names, row, strict=True)) | {"effectiveness": "Ineffective", "sideEffects": "No Side Effects"}


def test_every_task_has_a_reading_and_samples() -> None:
    for task in tasks.ALL:
        assert isinstance(task, Task) and task.caution and task.intro and task.samples
        assert Reading.of(task, "minilm-l6", 8).labels == task.labels
        assert sorted(v for values in task.fold.values() for v in values) == sorted(task.heads[0].values)
        assert all(d.license and (d.revision is None or len(d.revision) == 40) for d in task.data)
