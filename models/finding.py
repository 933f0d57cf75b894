"""Finds evidence for a claim or a question in the collections at hand, as the pages and the verifier take it.

Importing this file imports no torch. Knows nothing of verdicts.
"""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.evidence import Found

if TYPE_CHECKING:  # the search brings scipy along, which the first page does not wait for
    from models.knowledge import Hit

FAR, NEAR = 0.25, 0.75
"""Cosines of the embedded base that count as not near at all (0) and as near as can be (1)."""
LONGEST = 4_000
"""Characters of a text that are searched for; the rest of a longer one adds nothing to what it is about."""
_log = logging.getLogger(__name__)


class Finder:
    """Searches the cards that come with the app and whatever was built beside them; called with a text and a number."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root
        self._told: set[str] = set()

    @property
    def names(self) -> list[str]:
        """Return the collections that are searched: the cards, always, and those built beside them that open."""
        from models.knowledge.collection import CARDS

        return [CARDS, *self._built()]

    @property
    def mark(self) -> Mapping[str, str]:
        """Return what is searched, by name: a result rests on it."""
        from models.familiar import WEIGHTS
        from models.knowledge.cards import FILE

        built = {f"knowledge/{name}": version for name, version in self._built().items()}
        return {"knowledge/cards": hash_of(FILE), "knowledge/familiar": hash_of(WEIGHTS), **built}

    @property
    def missing(self) -> tuple[str, ...]:
        """Return a sentence for each collection that is there and is not searched, since it does not open."""
        from models.knowledge import listed

        return tuple(f"Not searched: {why}" for why in listed(self.root)[1])

    def _built(self) -> dict[str, str]:
        """Return the version of each collection that opens, by name."""
        from models.knowledge import listed

        good, bad = listed(self.root)
        for why in set(bad) - self._told:
            _log.warning("Not searched: %s", why)
        self._told |= set(bad)
        return {manifest.name: manifest.version for manifest in good}

    def __call__(self, text: str, k: int) -> list[Found]:
        """Return up to `k` passages, the best first."""
        from models.knowledge import search

        return [found(hit) for hit in search(text[:LONGEST], self.names, k, root=self.root)]


def found(hit: "Hit") -> Found:
    """Return a hit as evidence; one that only words brought up counts as far.

    Its id names the index too, but for the cards: tables of one's own all like to number their rows from 1.
    """
    from models.knowledge.collection import CARDS

    passage = hit.passage
    apart = hit.index and passage.collection != CARDS
    near = (hit.parts.get("cosine", FAR) - FAR) / (NEAR - FAR)
    return Found(
        id=f"{hit.index}/{passage.id}" if apart else passage.id,
        text=passage.text,
        near=float(min(max(near, 0.0), 1.0)),
        title=passage.title,
        organisation=passage.organisation,
        year=passage.year,
        url=passage.url,
        kind=passage.kind,
        limits=passage.limits,
    )


def hash_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
