"""Every recipe can be resolved without weights and without a network: ids, columns, layers, memory, steps."""

from pathlib import Path

import pytest
import yaml
from test_data import druglib

from models import fetch, weights
from models.bases import BASES, MINILM
from tasks.spec import UserError
from training import data
from training.config import RunConfig
from training.dryrun import UNKNOWN, resolved
from training.train import main

RECIPES = sorted(Path("recipes").glob("*.yaml"))
FOUNDING = [r for r in RECIPES if ("founding" in r.stem or "tutorial" in r.stem) and not r.stem.endswith("minilm")]
ROWS = [(2, "awful nausea", "worse", f"day {i}") for i in range(30)] + [
    (9, "great", "none", f"d {i}") for i in range(30)
]


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a weight or asking the Hub fails the test."""

    def never(*given: object, **named: object) -> None:
        raise AssertionError("a dry run reads no weights")

    for module, name in ((weights, "open_base"), (fetch, "fetch")):
        monkeypatch.setattr(module, name, never)


def test_the_founding_ladder_lies_in_the_folder_with_its_twins() -> None:
    configs = {recipe.stem: RunConfig.load(recipe) for recipe in FOUNDING}
    assert sum(config.base == "flan-t5-large" for config in configs.values()) == 5
    assert {config.base for config in configs.values()} == {
        *("flan-t5-base", "flan-t5-large", "mistral-7b", "llama-3.2-3b-instruct")
    }
    for stem, config in configs.items():
        twin = RunConfig.load(Path("recipes") / f"{stem}-minilm.yaml")
        assert twin.base == MINILM.name
        same = (
            "task",
            "datasets",
            "rank",
            "alpha",
            "learning_rate",
            "epochs",
            "batch_size",
            "targets",
            "class_balance",
        )
        assert all(getattr(twin, name) == getattr(config, name) for name in same)
    one, last = configs["drug_reviews-founding-1"], configs["drug_reviews-founding-4"]
    assert (one.rank, one.alpha, one.lora_dropout, one.learning_rate) == (16, 32, 0.1, 1e-4)
    assert (one.batch_size, one.epochs, one.answers, one.class_balance) == (4, 5, "head", 0.0)
    assert (last.rank, last.alpha, last.learning_rate, last.epochs, last.class_balance) == (32, 64, 5e-5, 8, 1.0)
    assert last.prompt and not one.prompt
    qa = configs["medical_qa-founding"]
    assert (qa.method, qa.optimizer, qa.schedule) == ("qlora-4bit", "paged-adamw-8bit", "cosine")
    assert qa.batch_size * qa.accumulation == 16 and qa.targets == "all-linear" and qa.lora_dropout == 0.05


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_a_recipe_resolves_without_its_data(recipe: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    config = RunConfig.load(recipe)
    found = resolved(config, tmp_path)
    assert found["base"]["id"] == BASES[config.base].repo and found["base"]["weights_gb"]["this_run"] != UNKNOWN
    assert found["adapter"]["layers"] and found["adapter"]["trained_parameters"] > 0
    assert set(found["data"]) == set(config.datasets) and not any(d["here"] for d in found["data"].values())
    assert "not on this machine" in found["steps"]
    assert ("asked" in found) == BASES[config.base].spoken
    assert yaml.safe_load(yaml.safe_dump(found)) == found  # plain data, to be printed


@pytest.mark.parametrize("stem", ["drug_reviews-founding-4", "drug_reviews-minilm"])
def test_with_its_data_the_steps_are_counted(stem: str, tmp_path, monkeypatch, capsys) -> None:
    root = druglib(tmp_path / "sets", ROWS)
    place = root / "druglib"
    (place / "drugLibTest_raw.tsv.gz").write_bytes((place / "drugLibTrain_raw.tsv.gz").read_bytes())
    monkeypatch.setattr(data, "DATA_DIR", root)
    recipe = RunConfig.load(Path("recipes") / f"{stem}.yaml")
    text = yaml.safe_dump(recipe.as_dict() | {"datasets": ["druglib"], "mixture": {}})
    (tmp_path / "r.yaml").write_text(text)
    assert main([str(tmp_path / "r.yaml"), "--dry-run", "--runs", str(tmp_path / "runs")]) == 0
    said = yaml.safe_load(capsys.readouterr().out)
    rows = round(60 * (1 - recipe.validation_share))
    per_epoch = -(-rows // recipe.batch_size)
    assert said["steps"]["rows_an_epoch"] == rows
    assert said["steps"]["in_all"] == per_epoch * recipe.epochs
    assert said["data"]["druglib"]["here"] and "benefitsReview" in said["data"]["druglib"]["columns"]
    assert said["data"]["druglib"]["texts"] == ["benefits", "side effects", "comments"]
    assert not (tmp_path / "runs").exists()  # nothing is left behind
    if stem.startswith("drug_reviews-f"):
        assert said["asked"]["prefix"].startswith("Classify") and said["adapter"]["layers"] == ["q", "v"]
        assert said["asked"]["answers"] == ["negative", "neutral", "positive"]


def test_a_dry_run_refuses_what_a_run_would_refuse(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "r.yaml").write_text("task: drug_reviews\nbase: gpt-3.5-turbo")
    assert main([str(tmp_path / "r.yaml"), "--dry-run"]) == 2
    assert "cannot be trained here" in capsys.readouterr().err
    place = tmp_path / "druglib"
    place.mkdir()
    for name in ("drugLibTrain_raw.tsv.gz", "drugLibTest_raw.tsv.gz"):
        import gzip

        with gzip.open(place / name, "wt") as file:
            file.write("rating\tnote\n3\tno such columns\n")
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    with pytest.raises(UserError, match="has not what"):
        resolved(RunConfig("drug_reviews", datasets=("druglib",)), tmp_path)
