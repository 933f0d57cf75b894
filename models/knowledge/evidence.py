"""Built collections as the evidence that claims and questions are checked against (`models/finding.py`).

Knows nothing of verdicts.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from models.finding import FAR, NEAR
from models.knowledge.collection import Rerank, listed, search
from models.knowledge.passages import Hit
from tasks.evidence import Found


def built(root: Path | None = None, rerank: Rerank | None = None) -> Callable[[str, int], Sequence[Found]]:
    """Return what searches every collection that was built beside the cards, as they are at the time of asking."""

    def more(text: str, k: int) -> Sequence[Found]:
        names = [manifest.name for manifest in listed(root)]
        return [found(hit) for hit in search(text, names, k, rerank, root)] if names else []

    return more


def found(hit: Hit) -> Found:
    """Return a hit as evidence; `near` is the cosine of its best piece, on the finder's scale from 0 to 1."""
    passage, cosine = hit.passage, hit.parts.get("cosine", FAR)
    return Found(
        id=f"{passage.collection}:{passage.id}" if passage.collection else passage.id,
        text=passage.text,
        near=float(np.clip((cosine - FAR) / (NEAR - FAR), 0, 1)),
        title=passage.title,
        organisation=passage.organisation,
        year=passage.year,
        url=passage.url,
        kind=passage.kind,
        limits=passage.limits,
    )
