"""The folded model: it answers as the served one does, and holds no code and no path."""

import shutil
import zipfile
from pathlib import Path

import pytest
import torch
from shipped_run import shipped_run
from transformers import AutoModel

import tasks
from models.loading import load
from tasks.spec import UserError
from training.config import RunConfig
from training.merge import merged
from training.runs import Run, RunStore

TASK = tasks.get("drug_reviews")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return shipped_run(tmp_path / "runs", TASK.name)


def test_the_folded_model_reads_as_the_served_one(run: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(merged(run, tmp_path)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "out")
        assert "How it is read" in archive.read("README.md").decode()
    assert {Path(name).suffix for name in names} == {".safetensors", ".json", ".yaml", ".md"}
    assert {"model/model.safetensors", "model/config.json", "model/tokenizer.json", "head.safetensors"} <= set(names)
    assert str(tmp_path) not in (tmp_path / "out/model/config.json").read_text()
    assert "site-packages" not in (tmp_path / "out/model/config.json").read_text()
    served = load(TASK, run.adapter)
    batch = served.words.batch([TASK.segments(example) for example in TASK.samples[:2]])
    model = AutoModel.from_pretrained(tmp_path / "out/model", add_pooling_layer=False, dtype=torch.float32).eval()
    with torch.no_grad():
        for ids, mask in batch.groups():
            ours = served.reader.body(input_ids=ids, attention_mask=mask).last_hidden_state
            assert torch.allclose(model(input_ids=ids, attention_mask=mask).last_hidden_state, ours, atol=1e-5)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"runs", "out"}  # no draft is left


def test_an_unscored_run_and_a_base_that_speaks_are_refused(run: Run, tmp_path: Path) -> None:
    spoken = RunStore(tmp_path / "runs").create(RunConfig(TASK.name, base="flan-t5-base"))
    shutil.copy(run.report_file, spoken.report_file)
    with pytest.raises(UserError, match="on encoders"):
        merged(spoken, tmp_path)
    run.report_file.unlink()
    with pytest.raises(UserError, match="scored"):
        merged(run, tmp_path)
