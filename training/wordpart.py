"""Fits the word part of a head: one balanced logistic regression a label on what pieces the training rows hold.

The trained part learns what words mean from what the base knows of them; of a few hundred notes it forgets which words
stood there. Knows nothing of run folders; training/word_readings.py says what it is worth.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from models.encoder import Words
from models.heads import LabelHead
from models.wordpart import WordPart
from tasks.deidentify import KINDS
from tasks.spec import Example, Head, Task
from training import taught
from training.calibrate import marks
from training.config import RunConfig

EARLIER = 0.3
"""What a row of an earlier stage weighs beside one of the last: single titles beside whole notes."""
STRENGTH = 20.0
"""Inverse of the regularisation; 5 and 50 were about as good on cases cut from CodiEsp's train + dev."""
_SILENT = ENGLISH_STOP_WORDS | {kind.lower() for kind in KINDS} | {"mr", "mrs", "ms", "dr"}
FEWEST = 5
"""Rows that a label, and its absence, must be known of; of a rarer one the word part says how common it is."""


def add(task: Task, config: RunConfig, words: Words, head: Any, rows: Sequence[Example]) -> None:
    """Give a head its word part, where the run asks for one: from `rows` and the sets of the earlier stages."""
    if not config.word_share or not isinstance(head, LabelHead):
        return
    shares: dict[str, float] = {}
    for name, share in (of for stage in config.staged for of in stage):
        shares[name] = max(share, shares.get(name, 0.0))
    before = taught.staged(task, list(shares.items()))
    head.words = fitted(task, words, rows, before, config.word_share).to(head.bias.device)


def fitted(task: Task, words: Words, rows: Sequence[Example], before: Sequence[Example], share: float) -> WordPart:
    """Return the word part that `rows`, and with less weight `before`, teach; it is `share` of what is said."""
    head = task.heads[0]
    kept, earlier = _known(head, rows), _known(head, before)
    pieces = words.tokenizer.get_vocab_size()
    counts = _counts(task, words, [*kept, *earlier], pieces)
    rare = np.asarray((counts > 0).sum(0)).ravel() < 2
    rare |= [not _tells(words.tokenizer.id_to_token(piece)) for piece in range(pieces)]
    weigh = TfidfTransformer(sublinear_tf=True).fit(counts)
    weigh.idf_ = np.where(rare, 0.0, weigh.idf_)
    seen, right = weigh.transform(counts), marks(head, [*kept, *earlier])
    worth = np.r_[np.ones(len(kept)), np.full(len(earlier), EARLIER)]
    made = WordPart(pieces, len(head.values))
    made.rarity.copy_(torch.tensor(weigh.idf_))
    made.share.fill_(share)
    for i in range(len(head.values)):
        have = right[:, i].sum()
        if min(have, len(right) - have) < FEWEST:
            odds = (have + 0.5) / (len(right) - have + 0.5)
            made.bias[i] = float(np.log(odds))
            continue
        line = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear", max_iter=300)
        line.fit(seen, right[:, i] > 0, sample_weight=worth)
        made.weight[:, i] = torch.tensor(line.coef_[0])
        made.bias[i] = float(line.intercept_[0])
    return made


def _known(head: Head, rows: Sequence[Example]) -> list[Example]:
    """Return the rows of which every label is known."""
    return [row for row in rows if head.name in row.targets and "?" not in row.targets[head.name]]


def _tells(piece: str) -> bool:
    """Whether a piece may say what a text is about: of letters, no function word, nothing that masking puts in.

    Pieces of words that look like one ("in" of "infarct") go with them. A short note has as many commas, titles and
    masks beside its few findings as a long one, and all have one length.
    """
    plain = piece.removeprefix("##")
    return plain.isalpha() and plain not in _SILENT


def _counts(task: Task, words: Words, rows: Sequence[Example], pieces: int) -> csr_matrix:
    """Return how often each piece stands in each row [rows, pieces], cut into windows as it is read."""
    owner, held = [], []
    for i, row in enumerate(rows):
        ids = [piece for text in task.segments(row) for piece in words.ids(text)]
        owner += [i] * len(ids)
        held += ids
    found = csr_matrix((np.ones(len(held)), (owner, held)), shape=(len(rows), pieces))
    found.sum_duplicates()
    return found
