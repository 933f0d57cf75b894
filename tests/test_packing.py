"""Whatever a shipped recipe reads goes with it to the machine that carries it out."""

from pathlib import Path

import pytest

import tasks
from models.shelf import SHIPPED
from tasks.spec import Data
from training import data, exchange
from training.config import RunConfig
from training.runs import RunStore

RECIPES = {path.stem: RunConfig.load(path) for path in sorted((SHIPPED.parent / "recipes").glob("*.yaml"))}


def read(one: Data) -> set[str]:
    """The files that training/data.py opens for a set, as tasks/spec.py describes them."""
    out = set(one.files.values())
    out |= {one.beside[0]} if one.beside else set()
    out |= {one.apart[0]} if one.apart else set()
    if one.rivals:
        out |= {one.rivals.file} | ({one.rivals.apart[0]} if one.rivals.apart else set())
    return out


@pytest.mark.parametrize("name", RECIPES)
def test_all_that_a_recipe_reads_is_packed(name: str, tmp_path: Path, monkeypatch) -> None:
    config = RECIPES[name]
    monkeypatch.setattr(data, "DATA_DIR", tmp_path / "here")
    used = data.used(tasks.get(config.task), config.datasets)
    for path in (tmp_path / "here" / one.folder / file for one in used for file in read(one)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(exchange, "CODE", ())  # the same for every recipe, and large
    packed = tmp_path / "packed"
    exchange.pack(RunStore(tmp_path / "runs").create(config), packed)
    for one in (found for found in used if not found.inside):  # what comes with the project travels with its code
        there = packed / "data" / one.folder
        assert {path.name for path in there.iterdir()} >= read(one)
        assert data.here(one, packed / "data")
    wanted = {"reading.json", "adapter_model.safetensors", "head.safetensors"} if config.start else set()
    found = {path.name for path in (packed / "code").rglob("*") if path.is_file()}
    assert wanted <= found and (wanted or not found)


def test_some_recipe_needs_each_kind_of_file_and_an_adapter() -> None:
    """Else the test above would hold nothing."""
    used = [one for config in RECIPES.values() for one in data.used(tasks.get(config.task), config.datasets)]
    assert any(one.beside for one in used) and any(one.apart for one in used)
    assert any(one.rivals and one.rivals.apart for one in used)
    assert any(config.start for config in RECIPES.values())
