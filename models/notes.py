"""Reads one clinical note: masks it, weighs its windows, says which sentences carried each category.

A long note is read in portions and answered after each, so that a book is not waited for. Knows nothing of tabs.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from models.encoder import Words
from models.heads import Group, LabelHead
from models.icd_titles import load, strange, suggest
from models.predictor import Predictor, SlotPredictor
from tasks.clinical_notes import Sentence, window_text, windows
from tasks.deidentify import deidentify
from tasks.findings import absent
from tasks.note_reading import Carried, NoteReading
from tasks.spec import Example

PORTION = 48
"""Windows read between two answers: about a second on two processors."""
WHOLE = (
    "Whoever answered read the note as a whole: which sentences speak for a category, and the titles near them, are "
    "looked for by the embedded base alone."
)
FAR_OFF = (
    "Nothing in this text lies near the title of a diagnosis or finding. If it is no clinical note, its categories "
    "mean nothing."
)
TOP = 3
"""Windows and sentences looked at for a category."""


def read_note(predictor: Predictor, text: str, notes: Callable[[Example], Sequence[str]]) -> Iterator[NoteReading]:
    """Yield the masked text at once, then an answer after each portion; the last has reasons and suggestions.

    Whoever reads is given the masked text alone.
    """
    masked = deidentify(text)
    reading = NoteReading(masked, set_aside=tuple(absent(masked.text)), notes=tuple(notes(Example(text=masked.text))))
    yield reading
    parts = windows(masked.text)
    # Of a text in another language more is said already.
    if not reading.notes and strange(load(), [sentence.text for part in parts for sentence in part]):
        reading = replace(reading, notes=(*reading.notes, FAR_OFF))
    if not isinstance(predictor, SlotPredictor):  # what answers in words reads the note whole
        (prediction,) = predictor.predict([Example(text=masked.text)])
        yield replace(reading, prediction=prediction, read=1.0, unsaid=WHOLE)
        return
    head = predictor.reader.head
    assert isinstance(head, LabelHead)
    weight, value = (torch.zeros(0, len(reading_labels(predictor))) for _ in range(2))
    texts = [window_text(part) for part in parts] or [""]
    told = time.monotonic()
    pieces = Pieces(head)
    for start in range(0, len(texts), PORTION):
        portion = texts[start : start + PORTION]
        found = weigh(predictor, portion)
        weight, value = torch.cat([weight, found[0]]), torch.cat([value, found[1]])
        pieces.add(predictor.words, portion)
        logits = pieces.mixed(head.joined(weight, value, torch.zeros(len(weight), dtype=torch.long), 1))
        (prediction,) = predictor.reading.predictions(logits.detach().numpy(), predictor.source)
        reading = replace(reading, prediction=prediction, read=min(len(weight) / len(texts), 0.99))
        if len(weight) < len(texts) and time.monotonic() - told > 1:
            told = time.monotonic()
            yield reading
    shown = reading.shown if parts else ()
    carried = {label: sentences_for(predictor, parts, weight, value, label, pieces) for label in shown}
    words = {label: [_claimed(parts, c) for c in found] for label, found in carried.items()}
    yield replace(reading, read=1.0, carried=carried, suggestions=tuple(suggest(load(), words)))


def _claimed(parts: Sequence[Sequence[Sentence]], carried: Carried) -> str:
    """Return what a carrying sentence claims of the patient; titles near what it denies are no suggestions."""
    place = (carried.start, carried.end)
    return " ".join(s.text for part in parts for s in part if (s.start, s.end) == place)


class Pieces:
    """The word pieces of a note as far as it is read, for heads that weigh them too."""

    def __init__(self, head: LabelHead) -> None:
        self.words = head.words
        self.count = torch.zeros(len(head.words.rarity) if head.words else 0, dtype=torch.long)

    def add(self, words: Words, texts: Sequence[str]) -> None:
        """Count the pieces of one portion more."""
        if self.words:
            ids = torch.tensor([piece for text in texts for piece in words.ids(text)])
            self.count += torch.bincount(ids, minlength=len(self.count))

    def mixed(self, logits: Tensor) -> Tensor:
        """Return the logits [1, labels] of the whole note so far."""
        if not self.words:
            return logits
        held = self.count.nonzero().squeeze(1)
        return self.words.mixed(logits, self.words.counted(torch.zeros_like(held), held, self.count[held], 1))

    def spread(self, deep: Tensor, ids: Tensor, column: int) -> Tensor:
        """Return what each token of a window added to a label's logit, both parts together [tokens]."""
        return self.words.mixed(deep, self.words.each(ids, self.count, column)) if self.words else deep


def reading_labels(predictor: SlotPredictor) -> tuple[str, ...]:
    """Return the values of the head that is read."""
    return predictor.reading.heads[0].values


def weigh(predictor: SlotPredictor, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return each window's log-weight and value for each label, both [windows, labels], in the texts' order."""
    head = predictor.reader.head
    assert isinstance(head, LabelHead)
    batch = predictor.words.batch([(text,) for text in texts])
    found = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=predictor.autocast):
        for ids, mask in batch.groups():
            found.append(head.windows(_states(predictor, ids, mask)))
    order = torch.argsort(batch.owner)
    weight, value = (torch.cat([pair[i].float() for pair in found])[order] for i in range(2))
    return weight, value


def sentences_for(
    predictor: SlotPredictor,
    parts: Sequence[Sequence[Sentence]],
    weight: Tensor,
    value: Tensor,
    label: str,
    pieces: Pieces,
) -> tuple[Carried, ...]:
    """Return the sentences that spoke most for a label, by their share of what spoke for it, weightiest first."""
    column = reading_labels(predictor).index(label)
    said = weight[:, column].softmax(0) * value[:, column]
    best = [i for i in said.argsort(descending=True)[:TOP].tolist() if said[i] > 0]
    total = weight[:, column].logsumexp(0)
    spoke: dict[tuple[int, int], float] = {}
    for i in best:
        for sentence, share in zip(parts[i], _by_sentence(predictor, parts[i], column, total, pieces), strict=True):
            place = (sentence.start, sentence.end)
            spoke[place] = spoke.get(place, 0.0) + share
    whole = sum(share for share in spoke.values() if share > 0) or 1.0
    ordered = sorted(spoke.items(), key=lambda item: -item[1])
    # Of many that say the same none has much of a share; the weightiest is named all the same.
    kept = [row for row in ordered[:TOP] if row[1] / whole >= 0.1] or [row for row in ordered[:1] if row[1] > 0]
    return tuple(Carried(a, b, share / whole) for (a, b), share in kept)


def _by_sentence(
    predictor: SlotPredictor, part: Sequence[Sentence], column: int, total: Tensor, pieces: Pieces
) -> list[float]:
    """Return what each sentence of one window added to a label's logit."""
    head = predictor.reader.head
    assert isinstance(head, LabelHead)
    text = window_text(part)
    ids = torch.tensor([predictor.words.ids(text)])
    with torch.inference_mode():
        weight, value = head.tokens(_states(predictor, ids, torch.ones_like(ids)))
    added = pieces.spread((weight[0, :, column] - total).exp() * value[0, :, column], ids[0], column).tolist()
    ends, at = [], 0
    for sentence in part:
        at += len(window_text([sentence])) + 1
        ends.append(at)
    out = [0.0] * len(part)
    for span, amount in zip(predictor.words.spans(text), added, strict=True):
        if span is not None:
            out[next(i for i, end in enumerate(ends) if span[0] < end)] += amount
    return out


def _states(predictor: SlotPredictor, ids: Tensor, mask: Tensor) -> Group:
    reader = predictor.reader
    return Group(reader.body(inputs_embeds=reader.embed(ids), attention_mask=mask).last_hidden_state, mask)
