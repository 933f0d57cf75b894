"""Tiny bases of every architecture, and small runs on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_data import druglib
from test_training import rows
from tiny import CAUSAL, ENCODERS, forget, registered

import tasks
from models.bases import BASES
from tasks.spec import Example
from training.config import RunConfig

TASK, ASPECTS = tasks.get("drug_reviews"), tasks.get("review_aspects")
KINDS = (*ENCODERS, "t5", *CAUSAL)
SMALL = {"rank": 8, "alpha": 16, "max_tokens": 96, "learning_rate": 2e-2, "average": 0.9, "batch_size": 16}


@pytest.fixture(scope="module")
def tiny_bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bases")
    for kind in KINDS:
        registered(kind, folder)
    yield
    forget()


@pytest.fixture(scope="module")
def word_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in Druglib.com's shape whose words give the label away."""
    root = tmp_path_factory.mktemp("sets")
    place = root / "druglib"
    for n, seed, name in ((24, 2, "drugLibTest_raw.tsv.gz"), (48, 1, "drugLibTrain_raw.tsv.gz")):
        druglib(root, rows(n, seed))
        (place / "drugLibTrain_raw.tsv.gz").rename(place / f"{name}.made")
    for made in place.glob("*.made"):
        made.rename(made.with_suffix(""))
    return root


def config(kind: str, **knobs: object) -> RunConfig:
    base = kind if kind in BASES else f"tiny-{kind}"
    return RunConfig(TASK.name, base=base, datasets=("druglib",), **{**SMALL, "validation_share": 0.25, **knobs})


def some(n: int, seed: int = 3) -> list[Example]:
    """Reviews of one text each, with all the targets a review may have."""
    return [
        Example(text=f"{first} {second}", label=TASK.data[0].to_examples(_row(r))[0].label, targets={"rating": str(r)})
        for r, first, second, _ in rows(n, seed)
    ]


def _row(rating: int) -> dict[str, object]:
    return {"rating": rating, "benefitsReview": "x", "sideEffectsReview": "", "commentsReview": ""} | {
        "effectiveness": "Ineffective",
        "sideEffects": "No Side Effects",
    }


def nothing(_: object) -> dict[str, float]:
    return {"score": 0.0}
