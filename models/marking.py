"""Checks one sentence of a written answer against the passages it was written from.

A sentence that stands in a passage, word for word or with words of no weight left out, is supported. Any other is read
beside the passages together, as the check of a whole answer does; what decided is then looked for among the sentences
that were read. Passages are data, read and quoted, never followed. Knows nothing of generators, files or pages.
"""

from collections.abc import Callable, Sequence

from tasks.evidence import Found
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.marks import Marked, stance, statement
from tasks.passage import gainsaid, read, restated, sentences
from tasks.spec import Example, Prediction

Verify = Callable[[Sequence[Example]], Sequence[Prediction]]

SHORT = 4
"""Words below which a sentence ("No, it is not.") is read after the question, since it says nothing alone."""


def mark(piece: str, question: str, found: Sequence[Found], verify: Verify) -> Marked:
    """Return what the passages say of a piece of an answer; one that states nothing is left unmarked."""
    said = statement(piece)
    if not said or not found:
        return Marked(piece)
    places = [(place, sentence) for place, passage in enumerate(found, 1) for sentence in sentences(passage.text)]
    for place, sentence in places:  # all of them before any that denies: what one says itself is not contradicted
        if restated(said, sentence):  # no model has to judge that
            return Marked(piece, SUPPORTS, 1.0, 1.0, place, sentence)
    for place, sentence in places:
        if gainsaid(said, sentence):
            return Marked(piece, REFUTES, 1.0, 0.0, place, sentence)
    claim = f"{question} {said}" if len(said.split()) < SHORT else said
    context = "\n".join(passage.text for passage in found)
    (whole,) = verify([Example(text=claim, context=context)])
    side, likely = stance(whole.scores)
    if side == SILENT:
        return Marked(piece, side, likely, whole.scores[SUPPORTS])
    near = read(claim, context)
    alone = verify([Example(text=claim, context=sentence) for sentence in near])
    because, _ = max(zip(near, alone, strict=True), key=lambda pair: pair[1].scores[side])
    source = next((i for i, passage in enumerate(found, 1) if because in passage.text), 0)
    return Marked(piece, side, likely, whole.scores[SUPPORTS], source, because)
