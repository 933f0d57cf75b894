"""Begins a run with the weights of another task's shipped adapter: what one task learned of reading helps the next.

Knows nothing of run folders.
"""

from pathlib import Path

import models.libraries

from peft import set_peft_model_state_dict
from safetensors.torch import load_file

import tasks
from models import reading
from models.encoder import Reader
from models.heads import load_head
from models.shelf import SHIPPED
from tasks.spec import Task, UserError
from training.config import RunConfig
from training.learner import fresh


def warmed(task: Task, config: RunConfig, shipped: Path = SHIPPED) -> Reader:
    """Return a reader for `task` with the adapter of `config.start`, and its head where the outputs are as many.

    Raises:
        UserError: if that task has no shipped adapter, or one of another base, rank, blocks or target layers.
    """
    other = tasks.get(config.start)
    folder = shipped / other.name
    if not (folder / "reading.json").is_file():
        raise UserError(f"{other.title} has no shipped adapter to go on from.")
    found = reading.read(folder, other)
    reader, _ = fresh(task, config)
    state = load_file(folder / "adapter_model.safetensors")
    wanted = {name: p.shape for name, p in reader.body.named_parameters() if p.requires_grad}
    given = {name.replace(".weight", f".{task.name}.weight"): tensor.shape for name, tensor in state.items()}
    if found.base != config.base or wanted != given:
        raise UserError(f"The adapter of {other.title} has another base, rank, blocks or target layers than this run.")
    set_peft_model_state_dict(reader.body, state, adapter_name=task.name)
    head = load_head(folder).state_dict()
    own = reader.head.state_dict()
    if {name: t.shape for name, t in head.items()} == {name: t.shape for name, t in own.items()}:
        reader.head.load_state_dict(head)
    return reader
