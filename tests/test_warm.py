"""A run that goes on from another task's adapter begins with its weights, or says why it cannot."""

from pathlib import Path

import pytest
import torch

import tasks
from models import encoder
from models.heads import load_head
from models.loading import load
from models.reading import Reading
from tasks.spec import UserError
from training.config import RunConfig
from training.learner import fresh
from training.warm import warmed

CLAIMS, QUESTIONS = tasks.get("health_claims"), tasks.get("medical_qa")
SMALL = {"rank": 4, "first_layer": 5, "head_hidden": 16}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of adapters with one of the verifier in it, its weights drawn at random."""
    root = tmp_path_factory.mktemp("adapters")
    folder = root / CLAIMS.name
    folder.mkdir()
    reader, _ = fresh(CLAIMS, RunConfig(CLAIMS.name, seed=3, **SMALL))
    with torch.no_grad():
        for p in reader.parameters():
            if p.requires_grad:
                p.normal_(generator=torch.Generator().manual_seed(len(p.shape)))
    encoder.save(reader, folder, CLAIMS.name, "nobody/nothing")
    Reading.of(CLAIMS, "minilm-l6", 64).write(folder)
    return root


def test_the_weights_are_the_other_adapters(shipped: Path) -> None:
    """LoRA and, the outputs being as many, the head; and they differ from those of a fresh start."""
    config = RunConfig(QUESTIONS.name, start=CLAIMS.name, **SMALL)
    begun, (plain, _) = warmed(QUESTIONS, config, shipped), fresh(QUESTIONS, config)
    source = load(CLAIMS, shipped / CLAIMS.name, exact=True).reader
    batch = encoder.Words(encoder.locate("minilm-l6"), 64).batch([["is it so?\x1fit is so"]])
    with torch.no_grad():
        assert torch.allclose(begun.eval()(batch), source(batch), atol=1e-4)
        assert not torch.allclose(begun(batch), plain.eval()(batch), atol=1e-2)
    assert load_head(shipped / CLAIMS.name).state_dict().keys() == begun.head.state_dict().keys()


@pytest.mark.parametrize("other", [{"rank": 8}, {"first_layer": 4}, {"targets": "q,v"}])
def test_an_adapter_of_other_make_is_refused(shipped: Path, other: dict[str, object]) -> None:
    """In words, before anything is learned."""
    with pytest.raises(UserError, match="another base, rank"):
        warmed(QUESTIONS, RunConfig(QUESTIONS.name, start=CLAIMS.name, **{**SMALL, **other}), shipped)


def test_a_task_without_an_adapter_is_refused(tmp_path: Path) -> None:
    """There is nothing to go on from."""
    with pytest.raises(UserError, match="no shipped adapter"):
        warmed(QUESTIONS, RunConfig(QUESTIONS.name, start=CLAIMS.name, **SMALL), tmp_path)
    with pytest.raises(UserError, match="no task"):
        RunConfig(QUESTIONS.name, start="nothing")
