"""Which words carried an answer: integrated gradients of the label's log-odds over the words' vectors.

Sundararajan, Taly and Yan (2017). The path starts at the padding token's vector; six points on it are enough to rank
words. What a word scores is what it did in this text, not what it means in general.
"""

from collections.abc import Sequence

import torch

from models import occlusion
from models.encoder import Batch
from models.predictor import SlotPredictor
from tasks.spec import Example

POINTS = 6
Words = list[tuple[str, float]]


def words(predictor: SlotPredictor, example: Example, label: str) -> Words:
    """Return the example's text cut at its words, each with its share in [-1, 1]; joined they are the text read.

    Positive shares spoke for `label`, negative ones against. Text that did not fit the model's window scores 0. A base
    that answers in words has no head to follow a gradient from: pieces of the text are left out instead.
    """
    if predictor.reading.way:
        return occlusion.words(predictor, example, label)
    segments = predictor.task.segments(example)
    batch = predictor.words.batch([segments])
    weights = _weights(predictor, batch, label)
    out: Words = []
    for slot, text in enumerate(segments):
        if text:
            places = [i for i, s in enumerate(batch.slot.tolist()) if s == slot]
            out += _by_word(text, predictor.words.spans(text), weights[places[0]])
    top = max((abs(weight) for _, weight in out), default=0.0) or 1.0
    return [(text, round(weight / top, 3)) for text, weight in out]


def _weights(predictor: SlotPredictor, batch: Batch, label: str) -> list[list[float]]:
    """Return one weight per token of every segment, in the batch's order."""
    reader, reading = predictor.reader, predictor.reading
    first = reading.heads[0]
    chosen = torch.tensor([float(value in reading.fold[label]) for value in first.values])
    groups = [ids for ids, _ in batch.groups()]
    with torch.no_grad():
        ends = [reader.embed(ids) for ids in groups]
        starts = [reader.embed(torch.zeros_like(ids)) for ids in groups]
    total = [torch.zeros_like(end) for end in ends]
    for point in range(POINTS):
        share = (point + 0.5) / POINTS
        mixed = [(s + share * (e - s)).requires_grad_() for s, e in zip(starts, ends, strict=True)]
        logits = reader.logits(batch, mixed)[:, : len(first.values)]
        spread = torch.softmax(logits, dim=1) @ chosen
        gradients = torch.autograd.grad(torch.logit(spread.clamp(1e-6, 1 - 1e-6)).sum(), mixed)
        for sum_, gradient in zip(total, gradients, strict=True):
            sum_ += gradient / POINTS
    scored = [((e - s) * g).sum(-1) for s, e, g in zip(starts, ends, total, strict=True)]
    return [row.tolist() for group in scored for row in group]


def _by_word(text: str, spans: Sequence[tuple[int, int] | None], weights: Sequence[float]) -> Words:
    """Return the text cut so that every word carries the sum of its tokens' weights; gaps carry 0."""
    marks: dict[tuple[int, int], float] = {}
    for span, weight in zip(spans, weights, strict=False):
        if span is not None:
            start, end = _word(text, span)
            marks[start, end] = marks.get((start, end), 0.0) + weight
    out: Words = []
    at = 0
    for (start, end), weight in sorted(marks.items()):
        if start > at:
            out.append((text[at:start], 0.0))
        out.append((text[start:end], weight))
        at = end
    return [*out, (f"{text[at:]}\n", 0.0)]


def _word(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the whole word around a token, so that its pieces are added up."""
    start, end = span
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end
