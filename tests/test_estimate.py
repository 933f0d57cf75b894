"""What a run will take: counted parameters, scaled time and memory, and the truth noted beside them."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from test_training import config, folder  # noqa: F401  (a fixture)

import tasks
from models.bases import BASES, NF4_BITS
from tasks.spec import UserError
from training import bounds, estimate, launch, machine, measured, own, prepare, sizes
from training.config import RunConfig
from training.estimate import Estimate
from training.launch import Launcher
from training.learner import fresh
from training.measured import Measured
from training.runs import RunStore
from training.skeleton import skeleton
from training.train import rows, train

TASK = tasks.get("drug_reviews")
RECORD = Measured(
    base="minilm-l6",
    device="cpu",
    dora=False,
    inner=10_000_000,
    total=22_000_000,
    trainable=400_000,
    width=384,
    layers=6,
    first_layer=0,
    batch_size=8,
    row_tokens=30.0,
    step_tokens=400.0,
    samples_per_second=10.0,
    validation_samples_per_second=40.0,
    start_mb=400.0,
    peak_mb=700.0,
    setup_seconds=3.0,
)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of known size without an accelerator."""
    monkeypatch.setattr(machine, "device", lambda: "cpu")
    monkeypatch.setattr(machine, "free_mb", lambda where: 2000.0)


@pytest.mark.parametrize(
    ("task", "knobs"),
    [
        ("drug_reviews", {"first_layer": 2}),
        ("drug_reviews", {"targets": "q,v", "rank": 3, "dora": True, "head_hidden": 16}),
        ("clinical_notes", {"targets": "attention", "rslora": True}),
    ],
)
def test_parameters_are_counted_as_the_learner_makes_them(task: str, knobs: dict) -> None:
    asked = RunConfig(task, **knobs)
    reader, _ = fresh(tasks.get(task), asked)
    found = skeleton(asked)
    assert found.trainable == sum(p.numel() for p in reader.parameters() if p.requires_grad)
    assert found.total == sum(p.numel() for p in reader.parameters())
    assert (found.layers, found.width) == (6, 384)


def test_a_base_that_is_not_here_is_counted_from_its_shape() -> None:
    """Flan-T5-base, r 8 on q and v: 12 encoder blocks, 12 decoder blocks that attend twice."""
    found = skeleton(RunConfig("drug_reviews", base="flan-t5-base", rank=8, targets="q,v"))
    assert found.trainable == (12 + 2 * 12) * 2 * 8 * (768 + 768)


def test_rows_and_lengths_are_those_of_the_file(folder: Path) -> None:  # noqa: F811
    found = sizes.lengths(TASK, "druglib")
    assert found.rows == 64
    assert len(found.sample) == 64 and all(len(row) == 3 for row in found.sample)
    assert found.mean(10) <= 30 and found.mean(10) <= found.mean(100) <= found.longest(100)
    with pytest.raises(UserError, match="not on this machine"):
        sizes.lengths(TASK, "nhs_fft")


def test_a_sets_rows_are_planned_as_training_takes_them(folder: Path) -> None:  # noqa: F811
    found = estimate.planned(config())
    assert (found.rows, found.validation_rows) == (48, 16)
    assert estimate.planned(config(max_rows=40)).rows == 30
    assert estimate.planned(replace(config(), first=("druglib",), first_share=0.5)).first_rows == 32


@pytest.mark.parametrize(
    "chosen",
    [{"oversample": 1.0, "augment": 0.3}, {"undersample": 1.0}, {"undersample": 0.5, "permute_fields": 0.5}],
)
def test_rows_are_planned_as_they_are_prepared(folder: Path, chosen: dict[str, float]) -> None:  # noqa: F811
    """A run that repeats rows until the labels are even reads far more of them; the launcher's limit counts those."""
    asked = config(prepare=chosen)
    split, _, _ = rows(TASK, asked)
    made = len(prepare.prepare(TASK, split.train, chosen, 7).rows)
    assert made != len(split.train)
    assert estimate.planned(asked).rows == pytest.approx(made, abs=2)
    assert launch.rows_of(asked) == pytest.approx(made, abs=2)


def test_what_is_held_back_is_planned_in_whole_parts(folder: Path) -> None:  # noqa: F811
    """0.4 of the rows cannot be: two parts are cut, and one of them is held back."""
    asked = config(validation_share=0.4)
    split, _, _ = rows(TASK, asked)
    found = estimate.planned(asked)
    assert (found.rows, found.validation_rows) == (len(split.train), len(split.validation)) == (32, 32)


def test_own_rows_are_planned_as_they_were_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks.spec import Example
    from training import frozen

    monkeypatch.setattr(own, "SETS", tmp_path / "sets")
    labels = ("negative", "positive")
    rows = [Example(text=f"word{i} other{i} thing{i} more{i}", label=labels[i % 2]) for i in range(60)]
    cut = frozen.split(rows)
    name = own.keep(lambda path: frozen.write(cut, path))
    found = estimate.planned(RunConfig("drug_reviews", datasets=(name,)))
    assert (found.rows, found.validation_rows) == (len(cut.train), len(cut.validation))


def test_without_a_measured_run_neither_time_nor_memory_is_said(
    folder: Path,  # noqa: F811
    tmp_path: Path,
    free: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measured, "SHIPPED", tmp_path / "none")
    found = estimate.estimate(config(), tmp_path)
    assert found.trainable and found.rows == 48
    assert (found.memory_mb, found.seconds, found.fits, found.runs_here) == (None, None, "", 0)


def test_time_and_memory_are_scaled_from_measured_runs(
    folder: Path,  # noqa: F811
    tmp_path: Path,
    free: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured.remember(RECORD, tmp_path)
    one, four = (estimate.estimate(config(epochs=n), tmp_path) for n in (1, 4))
    assert one.runs_here == 1 and one.same_base
    assert four.seconds - RECORD.setup_seconds == pytest.approx(4 * (one.seconds - RECORD.setup_seconds))
    whole, half = (estimate.estimate(config(first_layer=n), tmp_path) for n in (0, 3))
    assert half.seconds < whole.seconds and half.memory_mb < whole.memory_mb
    large = estimate.estimate(config(batch_size=64), tmp_path)
    assert large.memory_mb > whole.memory_mb
    assert whole.fits == "fits"
    monkeypatch.setenv(bounds.MEMORY, "0.01")  # what a run may hold counts, where that is less than is free
    held = estimate.estimate(config(first_layer=0), tmp_path)
    assert (held.fits, round(held.free_mb, 1)) == ("too big", 9.5)
    monkeypatch.delenv(bounds.MEMORY)
    assert estimate.estimate(config(batch_size=256, first_layer=0), tmp_path).memory_mb > large.memory_mb


def test_a_run_like_the_measured_one_takes_what_that_took(
    folder: Path,  # noqa: F811
    tmp_path: Path,
    free: None,
) -> None:
    """Scaling by nothing changes nothing."""
    asked = config()
    shape, plan = skeleton(asked), estimate.planned(asked)
    same = estimate._as_asked(asked, shape, plan, "cpu")
    figures = {n: getattr(RECORD, n) for n in ("samples_per_second", "validation_samples_per_second")}
    measured.remember(replace(same, **figures, start_mb=400.0, peak_mb=900.0, setup_seconds=5.0), tmp_path)
    found = estimate.estimate(asked, tmp_path)
    assert found.memory_mb == pytest.approx(900)
    assert found.seconds == pytest.approx(5 + asked.epochs * (48 / 10 + 16 / 40))


def test_a_base_in_four_bits_takes_what_its_weights_take(
    folder: Path,  # noqa: F811
    tmp_path: Path,
    free: None,
) -> None:
    """On a GPU a large base is held in two bytes a weight, and with QLoRA in about half of one."""
    measured.remember(replace(RECORD, device="cuda"), tmp_path)
    plain, four = (
        estimate.estimate(config(base="mistral-7b", method=method), tmp_path, "cuda").memory_mb
        for method in ("lora", "qlora-4bit")
    )
    base, trained = BASES["mistral-7b"], skeleton(config(base="mistral-7b"))
    assert plain - four == pytest.approx(
        (base.bytes() - base.bytes(NF4_BITS) + 2 * trained.trainable) / 2**20, rel=0.02
    )
    assert plain > base.bytes() / 2**20 > four


@pytest.mark.parametrize(("memory", "said"), [(1000, "fits"), (1500, "tight"), (2500, "too big")])
def test_memory_is_set_against_what_is_free(memory: float, said: str) -> None:
    assert estimate._fits(memory, 2000) == said


def test_measured_runs_are_kept_and_lines_of_other_versions_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measured, "MOST", 3)
    for n in range(5):
        measured.remember(replace(RECORD, batch_size=n), tmp_path)
    with (tmp_path / measured.FILE).open("a") as file:
        file.write('{"base": "x"}\nno json\n')
    assert [record.batch_size for record in measured.known(tmp_path)[0]] == [2, 3, 4]


def test_a_curve_tells_its_speeds() -> None:
    points = [
        {"epoch": 0.5, "samples_per_second": 1.0},
        {"epoch": 1.0, "samples_per_second": 10.0},
        {"epoch": 1, "validation_seconds": 2.0},
        {"epoch": 2.0, "samples_per_second": 20.0},
    ]
    assert measured.speeds(points, 30) == (15.0, 15.0)
    assert measured.speeds([{"epoch": 1, "loss": 1.0}], 30) == (None, None)


def test_what_ships_was_measured_and_can_be_read() -> None:
    records = measured._read(measured.SHIPPED)
    assert records and all(r.samples_per_second > 0 and r.peak_mb > r.start_mb > 0 for r in records)


def test_a_run_notes_what_was_foretold_and_what_it_took(
    folder: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    run = RunStore(tmp_path / "runs").create(config(batch_size=4, epochs=1))
    train(run)
    foretold, truth = estimate.told(run.facts)
    assert foretold.rows == truth["rows"] == 48
    assert foretold.trainable == truth["trainable"]
    assert truth["seconds"] > 0 and truth["memory_mb"] > 0
    (record,) = measured.known(tmp_path)[0]
    assert record.samples_per_second > 0 and record.batch_size == 4
    assert json.loads(json.dumps(asdict(record))) == asdict(record)
    assert estimate.told({}) is None
    assert isinstance(foretold, Estimate)


def test_qlora_is_refused_in_words_where_there_is_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the launcher and by the run itself; the recipe can be read all the same."""
    asked = RunConfig.parse("task: drug_reviews\nmethod: qlora-4bit")
    monkeypatch.setattr(machine, "device", lambda: "cpu")
    with pytest.raises(UserError, match="needs an NVIDIA GPU"):
        Launcher(RunStore(tmp_path / "runs")).launch(asked)
    with pytest.raises(UserError, match="needs an NVIDIA GPU"):
        train(RunStore(tmp_path / "runs").create(asked))
    monkeypatch.setattr(machine, "device", lambda: "cuda")
    with pytest.raises(UserError, match="for bases that answer in words"):
        machine.check(asked)
    machine.check(RunConfig.parse("task: drug_reviews\nbase: flan-t5-base\nmethod: qlora-4bit"))
