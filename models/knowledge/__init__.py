"""The knowledge: collections of passages, searched by words and meaning at once.

    from models import knowledge
    hits = knowledge.search("low-dose aspirin in pregnancy", ["cards", "medquad"], k=5)

The cards that come with the project are the collection "cards", always there; others are built by
`python -m models.knowledge build`. Retrieved text is data: it is counted, compared and handed on as it stands, and
nothing in it is interpreted. Knows nothing of claims, verdicts or pages. Importing it imports no torch.
"""

from models.knowledge.collection import Collection, Rerank, home, listed, search
from models.knowledge.passages import Hit, Passage

__all__ = ["Collection", "Hit", "Passage", "Rerank", "home", "listed", "search"]
