"""How near one text comes to another: ROUGE as its authors' package counts it, and BERTScore on the embedded base.

BERTScore (Zhang et al., ICLR 2020) matches every token with the likest one of the other text by their vectors in
context. Here the vectors are those of all-MiniLM-L6-v2, without idf weights or rescaling: figures made with another
model are not comparable with these.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.reading import Floats


def rouge(said: Sequence[str], right: Sequence[str]) -> dict[str, Floats]:
    """Return the F-measures of ROUGE-1, -2 and -L of each pair [n], words stemmed."""
    from rouge_score.rouge_scorer import RougeScorer

    names = ("rouge1", "rouge2", "rougeL")
    scorer = RougeScorer(names, use_stemmer=True)
    found = [scorer.score(target, text) for text, target in zip(said, right, strict=True)]
    return {name: np.array([scores[name].fmeasure for scores in found]) for name in names}


def bert_score(said: Sequence[str], right: Sequence[str], batch: int = 16) -> Floats:
    """Return the F1 of BERTScore of each pair [n]; 0 where one of the two says nothing."""
    import torch

    from models.bases import MINILM, locate
    from models.encoder import Words, load_base

    words, model = Words(locate(MINILM.name), 256), load_base(MINILM.name)
    out = []
    for start in range(0, len(said), batch):
        for one, other in zip(said[start : start + batch], right[start : start + batch], strict=True):
            if not one.strip() or not other.strip():
                out.append(0.0)
                continue
            with torch.inference_mode():
                a, b = (_vectors(model, words.ids(text)) for text in (one, other))
            likeness = (a @ b.T).numpy()
            precision, recall = float(likeness.max(1).mean()), float(likeness.max(0).mean())
            out.append(2 * precision * recall / max(precision + recall, 1e-9))
    return np.array(out)


def _vectors(model: Any, ids: Sequence[int]) -> Any:
    """Return unit vectors [tokens, width] of the tokens between the two end marks."""
    import torch

    states = model(input_ids=torch.tensor([list(ids)])).last_hidden_state[0, 1:-1]
    return torch.nn.functional.normalize(states, dim=-1)
