"""Runs that each held back another part of the rows become one adapter, which all rows have settled."""

from collections import Counter
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from test_training import TASK, config, folder  # noqa: F401

from models.loading import load
from tasks.spec import UserError
from training import average, evaluate, repeats
from training.cards import card
from training.recalibrate import recalibrate
from training.runs import Run, RunStore
from training.train import rows, train


def trained(store: RunStore, fold: int, **knobs: float) -> Run:
    run = store.create(config(fold=fold, validation_share=0.5, epochs=3, **knobs))
    with run.told():
        run.move("running")
        train(run)
        run.move("finished")
    return run


def test_over_all_folds_every_row_is_held_back_once(folder) -> None:  # noqa: F811
    held: Counter[str] = Counter()
    for fold in range(4):
        split, _, _ = rows(TASK, config(fold=fold))
        held.update(repeats.key(row) for row in split.validation)
        assert not {repeats.key(row) for row in split.train} & {repeats.key(row) for row in split.validation}
    assert set(held.values()) == {1} and len(held) == 64


def test_two_folds_become_one_adapter_that_is_scored_like_any_other(folder, tmp_path, capsys) -> None:  # noqa: F811
    store = RunStore(tmp_path / "runs")
    one, two = trained(store, 0), trained(store, 1)
    assert average.main([str(two.folder), str(one.folder)]) == 0, capsys.readouterr().err
    made = Run(store.root / capsys.readouterr().out.strip().rsplit("/", 1)[-1])
    for name in average.WEIGHTS:
        first, second, mean = (load_file(run.adapter / name) for run in (one, two, made))
        assert all(torch.allclose(mean[key], (first[key] + second[key]) / 2, atol=1e-6) for key in mean)
        assert any(not torch.equal(first[key], second[key]) for key in mean)
    assert made.facts["validation_rows"] == made.facts["train_rows"] == 64
    assert len(rows(TASK, made.config)[0].train) == 64 and rows(TASK, made.config)[0].validation == ()
    assert evaluate.main([str(made.folder)]) == 0
    assert made.report.main.accuracy > 0.8  # the words give the label away
    said = card(TASK, made, made.report)
    assert "the mean of the weights of 2 runs" in said and "each by the run that held it back" in said
    assert load(TASK, made.adapter).reading.version == made.id
    with pytest.raises(UserError, match="average them again"):
        recalibrate(made)
    with pytest.raises(UserError, match="train each fold"):
        train(store.create(made.config))


def test_runs_that_do_not_belong_together_are_refused(folder, tmp_path, capsys) -> None:  # noqa: F811
    store = RunStore(tmp_path / "runs")
    one = store.create(config(fold=0, validation_share=0.5, epochs=3))
    for others, why in (
        ([], "give the 2 runs of its folds"),
        ([one], "give the 2 runs of its folds"),
        ([store.create(config(fold=1, validation_share=0.5, epochs=2))], "differ in more than"),
        ([store.create(config(fold=1, validation_share=0.5, epochs=3))], "finished first"),
    ):
        assert average.main([str(run.folder) for run in (one, *others)]) == 2
        assert why in capsys.readouterr().err
    assert len(store.ids()) == 3


def test_a_fold_that_the_split_has_not_is_refused() -> None:
    with pytest.raises(UserError, match="cuts 4 parts; fold 4 is none"):
        config(fold=4)
    with pytest.raises(UserError, match="from 2 to 20"):
        config(averaged=1)
    with pytest.raises(UserError, match="cut when they were made ready"):
        replace(config(fold=1), datasets=("own-" + 64 * "a",))
