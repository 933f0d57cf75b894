"""From an adapter's logits to a Prediction, and the file beside the weights that says how.

Label order, temperature, offsets and the abstention threshold were fixed on validation rows and travel with the
adapter. Knows nothing of torch: logits arrive as numpy arrays [examples, outputs].
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.spec import Head, Prediction, Task, UserError

Floats = npt.NDArray[np.floating[Any]]
READING_FILE = "reading.json"
LARGEST = 1e4
"""What no weight of a sign comes near."""
UNSURE = 0.6
"""Chosen on the validation reviews of recipes/README.md, where it asks for a second look at one in five."""
WEIGHT_FILES = ("adapter_model.safetensors", "head.safetensors", "adapter_config.json")
TOLD = ("headline", "version", "sha256")
"""Of a reading what decides no answer: how it was measured, what it is called, and its weights, which are apart."""


@dataclass(frozen=True)
class Reading:
    """How the logits of one adapter are to be read.

    Labels of a multi first head may hold together: nothing is claimed where none reaches its cut.
    `offsets` are added to the log-probabilities of the labels before the choice (macro-F1 asks for a rare label to be
    named below one half); the probabilities shown are never shifted by them. Below `threshold` nothing is claimed.
    What is read with less than `unsure` before any temperature is read a second time in the task's other form.
    With `turns` a text that the task can say the reverse of is read as that, and the answer turned round.
    `way` is how a base that answers in words is asked, and empty for one that does not. `signs` is a linear reading of
    the task's signs, in the unit of the logits, and empty where the adapter answers alone.
    """

    task: str
    base: str
    slots: tuple[str, ...]
    heads: tuple[Head, ...]
    labels: tuple[str, ...]
    fold: Mapping[str, tuple[str, ...]]
    max_tokens: int
    temperature: float = 1.0
    offsets: tuple[float, ...] = ()
    threshold: float = 0.0
    cuts: Mapping[str, float] = field(default_factory=dict)
    headline: str = "not measured"
    version: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    way: Mapping[str, Any] = field(default_factory=dict)
    unsure: float = 0.0
    turns: bool = False
    signs: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Task, base: str, max_tokens: int, way: Mapping[str, Any] | None = None) -> "Reading":
        """Return the uncalibrated reading of a fresh adapter for `task`; with `way` of one that answers in words."""
        heads = task.spoken if way and way.get("by") != "head" else task.heads
        unsure = UNSURE if task.second and not way else 0.0
        told = {"way": way or {}, "unsure": unsure, "turns": bool(task.opposite) and not way}
        return cls(task.name, base, task.slots, heads, task.labels, dict(task.fold), max_tokens, **told)

    @property
    def rests_on(self) -> Mapping[str, str]:
        """Return what an answer rests on, by name, as sha256: the weights, and how their logits are read."""
        how = {name: part for name, part in asdict(self).items() if name not in TOLD}
        return {**self.sha256, READING_FILE: hashlib.sha256(json.dumps(how, sort_keys=True).encode()).hexdigest()}

    def split(self, logits: Floats) -> dict[str, Floats]:
        """Return each head's logits [examples, values]."""
        edges = np.cumsum([len(head.values) for head in self.heads])[:-1]
        return dict(zip([head.name for head in self.heads], np.split(logits, edges, axis=1), strict=True))

    def shares(self, logits: Floats) -> dict[str, Floats]:
        """Return each head's probabilities [examples, values], the first head's at the calibrated temperature."""
        out = {}
        for i, (head, part) in enumerate(zip(self.heads, self.split(logits).values(), strict=True)):
            scaled = part / (self.temperature if i == 0 else 1.0)
            out[head.name] = sigmoid(scaled) if head.multi else softmax(scaled)
        return out

    def label_scores(self, logits: Floats) -> Floats:
        """Return the calibrated probability of each label [examples, labels]."""
        first = self.heads[0]
        index = {value: i for i, value in enumerate(first.values)}
        share = self.shares(logits)[first.name]
        return np.stack([share[:, [index[v] for v in self.fold[label]]].sum(1) for label in self.labels], axis=1)

    def hesitates(self, logits: Floats) -> npt.NDArray[np.intp]:
        """Return the rows of logits that are to be read a second time."""
        if not self.unsure or not len(logits):
            return np.empty(0, np.intp)
        return np.flatnonzero(replace(self, temperature=1.0).label_scores(logits).max(1) < self.unsure)

    def turned(self, logits: Floats, names: Mapping[str, str]) -> Floats:
        """Return logits of opposites as those of the texts themselves: values of the first head change places."""
        places = {value: i for i, value in enumerate(self.heads[0].values)}
        order = [places[names.get(value, value)] for value in self.heads[0].values]
        return logits[:, [*order, *range(len(order), logits.shape[1])]]

    def beside(self, seen: Floats) -> Floats:
        """Return what signs [examples, signs] add to logits [examples, outputs]: nothing but to the first head's."""
        said = seen @ np.asarray(self.signs["weight"], float) + np.asarray(self.signs["bias"], float)
        return np.pad(said, [(0, 0), (0, sum(len(head.values) for head in self.heads[1:]))])

    def choose(self, scores: Floats) -> npt.NDArray[np.intp]:
        """Return the index of the best label [examples] for label probabilities [examples, labels]."""
        shift = np.asarray(self.offsets) if self.offsets else np.zeros(len(self.labels))
        return (np.log(np.clip(scores, 1e-9, 1)) + shift).argmax(1)

    def predictions(self, logits: Floats, source: str = "") -> list[Prediction]:
        """Return one Prediction per row of logits; raise UserError where the weights gave no number."""
        if not np.isfinite(logits).all():
            raise UserError("The model gave no usable answer; its weights may be damaged.")
        scores, shares = self.label_scores(logits), self.shares(logits)
        coarse = bool(self.way) and self.way.get("by") != "head" and any(len(v) > 1 for v in self.fold.values())
        out = []
        for i, pick in enumerate(self.choose(scores)):
            best = self.labels[pick]
            heads = {h.name: dict(zip(h.values, shares[h.name][i].tolist(), strict=True)) for h in self.heads}
            row = dict(zip(self.labels, scores[i].tolist(), strict=True))
            claimed = tuple(
                v for h in self.heads if h.multi for v in h.values if heads[h.name][v] >= self.cuts.get(v, 0.5)
            )
            sure = bool(claimed) if self.heads[0].multi else scores[i].max() >= self.threshold
            label = best if sure else None
            out.append(Prediction(label, best, row, heads, claimed=claimed, source=source, coarse=coarse))
        return out

    def write(self, folder: Path) -> "Reading":
        """Write the file, with the sha256 of the weights that lie beside it, and return what was written."""
        sealed = replace(self, sha256={name: _sha256(folder / name) for name in WEIGHT_FILES})
        draft = folder / f".{READING_FILE}"
        draft.write_text(json.dumps(asdict(sealed), indent=1) + "\n")
        draft.replace(folder / READING_FILE)
        return sealed


def read(folder: Path, task: Task) -> Reading:
    """Return the reading of an adapter made for `task`, its weights checked byte for byte.

    Raises:
        UserError: if a file is missing or altered, or the adapter was trained for other labels, heads or slots.
    """
    try:
        saved = json.loads((folder / READING_FILE).read_text())
        heads = tuple(Head(**{**head, "values": tuple(head["values"])}) for head in saved.pop("heads"))
        fold = {label: tuple(values) for label, values in saved.pop("fold").items()}
        lists = {name: tuple(saved.pop(name)) for name in ("slots", "labels", "offsets")}
        reading = Reading(heads=heads, fold=fold, **lists, **saved)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The adapter for {task.title} cannot be read.") from error
    heads = task.spoken if reading.way and reading.way.get("by") != "head" else task.heads
    spoken = (reading.labels, reading.slots, tuple((h.name, h.values) for h in reading.heads))
    if spoken != (task.labels, task.slots, tuple((h.name, h.values) for h in heads)):
        raise UserError(f"This adapter was trained on other labels than {task.title} uses: {reading.labels}.")
    if reading.signs and not _signs_fit(reading, task):
        raise UserError(f"The adapter for {task.title} counts other signs than this app does.")
    for name in WEIGHT_FILES:
        if not (folder / name).is_file() or _sha256(folder / name) != reading.sha256.get(name):
            raise UserError(f"The adapter for {task.title} is damaged: {name} is missing or was changed.")
    return reading


def _signs_fit(reading: Reading, task: Task) -> bool:
    size = len(reading.heads[0].values)
    try:
        names, version = reading.signs["names"], reading.signs["version"]
        weight, bias = (np.asarray(reading.signs[part], float) for part in ("weight", "bias"))
    except (TypeError, ValueError, KeyError, OverflowError):
        return False
    named = not reading.way and task.signs and (names, version) == (list(task.signs.names), task.signs.version)
    shaped = named and weight.shape == (len(names), size) and bias.shape == (size,)
    return bool(shaped and np.abs(weight).max() < LARGEST and np.abs(bias).max() < LARGEST)


def softmax(logits: Floats) -> Floats:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def sigmoid(logits: Floats) -> Floats:
    """Return element-wise probabilities; large logits saturate without a warning."""
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
