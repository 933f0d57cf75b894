"""Every recipe can be resolved without weights and without a network: ids, columns, layers, memory, steps."""

from pathlib import Path

import pytest
import yaml
from test_data import druglib

import tasks
from models import fetch, weights
from models.bases import BASES, MINILM
from models.kinds import KINDS
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


# What the founding documents give, number by number: five stages, the tutorial's two runs, and the two large runs.
_STAGE = {"answers": "head", "lora_dropout": 0.1, "batch_size": 4, "accumulation": 1, "targets": "q,v"}
_SMALL = {"rank": 16, "alpha": 32, "learning_rate": 1e-4, "epochs": 5}
_LARGE = {"rank": 32, "alpha": 64, "learning_rate": 5e-5, "epochs": 8, "class_balance": 1.0}
_TUTORIAL = {"base": "flan-t5-base", "answers": "words", "learning_rate": 3e-4, "epochs": 4}
_QLORA = {"rank": 16, "alpha": 32, "lora_dropout": 0.05, "targets": "all-linear", "learning_rate": 1e-4, "epochs": 4}
SAID = {
    "drug_reviews-founding-1": {**_STAGE, **_SMALL, "class_balance": 0.0, "prompt": ""},
    "drug_reviews-founding-2": {**_STAGE, **_SMALL, "class_balance": 1.0, "prompt": ""},
    "drug_reviews-founding-3": {**_STAGE, **_LARGE, "prompt": ""},
    "drug_reviews-founding-4": {**_STAGE, **_LARGE},
    "drug_reviews-founding-5": {**_STAGE, **_LARGE, "answers": "words"},
    "drug_reviews-tutorial-1": {**_TUTORIAL, "rank": 8, "alpha": 16, "targets": "q,v"},
    "drug_reviews-tutorial-2": {**_TUTORIAL, "rank": 16, "alpha": 64, "targets": "q,v,o"},
    "medical_qa-founding": {**_QLORA, "base": "mistral-7b", "method": "qlora-4bit", "schedule": "cosine"}
    | {"optimizer": "paged-adamw-8bit", "datasets": ("pubmedqa",), "answers": "words"},
    "clinical_notes-founding": {"base": "llama-3.2-3b-instruct", "task": "clinical_notes", "method": "lora"},
}


@pytest.mark.parametrize("recipe", FOUNDING, ids=lambda recipe: recipe.stem)
def test_every_number_the_documents_give_is_in_the_recipe_and_in_what_is_told(
    recipe: Path, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    config, said = RunConfig.load(recipe), SAID[recipe.stem]
    assert {name: getattr(config, name) for name in said} == said
    assert bool(config.prompt) == (recipe.stem[-1] in "45")
    if "founding-" in recipe.stem:
        assert config.base == "flan-t5-large" and config.datasets == ("druglib",)
    found = resolved(config, tmp_path)
    told = {**found["adapter"], **found["learning"], "prefix": found["asked"]["prefix"], "by": found["asked"]["by"]}
    names = {"lora_dropout": "dropout", "prompt": "prefix", "answers": "by"}
    for name in set(said) - {"class_balance", "targets", "datasets", "base", "task"}:
        assert told[names.get(name, name)] == said[name], name
    assert told["class_weights"] == ("labels count alike" if config.class_balance else "rows count alike")
    assert told["loss"] == ("on the head's outputs" if config.answers == "head" else "on the response only")
    assert told["layers"] == list(KINDS[BASES[config.base].kind].targets(config.targets))
    assert config.average == 0.0 and config.patience > config.epochs  # their loop averaged nothing, and never stopped


def test_the_quantised_run_is_told_as_it_is_loaded(tmp_path, monkeypatch) -> None:
    """NF4, double-quantised, effective batch 16, on all projections; and what it takes is not made up without a GPU."""
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    found = resolved(RunConfig.load(Path("recipes/medical_qa-founding.yaml")), tmp_path)
    assert found["adapter"]["quantised"] == "NF4, double-quantised" and found["learning"]["effective_batch"] == 16
    assert len(found["adapter"]["layers"]) == 7
    monkeypatch.setattr(weights.torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(weights.torch.cuda, "mem_get_info", lambda: (80 * 10**9, 80 * 10**9))
    monkeypatch.setattr(weights.torch.cuda, "is_bf16_supported", lambda: True)
    loaded = weights._placed(BASES["mistral-7b"], quantised=True)
    nf4 = loaded["quantization_config"]
    assert nf4.load_in_4bit and nf4.bnb_4bit_quant_type == "nf4" and nf4.bnb_4bit_use_double_quant
    assert nf4.bnb_4bit_compute_dtype == weights.torch.bfloat16 and loaded["device_map"] == {"": 0}
    monkeypatch.setattr(weights.torch.cuda, "mem_get_info", lambda: (3 * 10**9, 3 * 10**9))
    assert weights._placed(BASES["mistral-7b"], quantised=True)["device_map"] == "auto"
    assert weights._placed(BASES["mistral-7b"], quantised=False) == {"device_map": "auto"}
    assert weights._placed(BASES["qwen3-0.6b"], quantised=False) == {}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_a_recipe_resolves_without_its_data(recipe: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(data, "DATA_DIR", tmp_path)
    config = RunConfig.load(recipe)
    found = resolved(config, tmp_path)
    assert found["base"]["id"] == BASES[config.base].repo and found["base"]["weights_gb"]["this_run"] != UNKNOWN
    assert found["adapter"]["layers"] and found["adapter"]["trained_parameters"] > 0
    inside = {one.name for one in data.used(tasks.get(config.task), config.datasets) if one.inside}
    assert set(found["data"]) == set(config.datasets)
    assert {name for name, about in found["data"].items() if about["here"]} == inside
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
