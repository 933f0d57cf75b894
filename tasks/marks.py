"""What was found of each sentence that a generator wrote, and what colour the whole has from it.

The colour follows a rule that can be read, from the verifier's calibrated probabilities:

1. A sentence is supported or contradicted where that is likelier than not; else it counts as not in the sources.
2. The answer is red where no sentence could be checked, or where one is contradicted with at least AGAINST.
3. Otherwise the probabilities that its sentences are supported are averaged: the share of them that is to be expected
   to be borne out. Green from SURE on where every checked sentence is supported; yellow from DOUBTFUL on where at least
   half of them are; red otherwise.

Pure data and functions; knows nothing of models, search or pages.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.passage import ABBREVIATED
from tasks.verdict import GREEN, YELLOW

SURE, DOUBTFUL = GREEN / 100, YELLOW / 100
"""Expected shares of supported sentences from which an answer is green, or yellow: a verdict's own borders."""
LIKELY = 0.5
"""How likely it must be that a sentence is supported, or contradicted, before that is said of it."""
AGAINST = 0.75
"""How likely a contradiction must be to make an answer red by itself; a weaker one only keeps it from being green."""
SHOWN = {SUPPORTS: "supported", REFUTES: "contradicted", SILENT: "not in the sources"}
DECLINED = "The sources do not say."
"""What a generator is asked to write where the passages hold no answer; it is no statement to be checked."""

_BORDER = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"”')])|(?<=[.!?]\*\*)|"
    r"(?<=[.!?]\[\d\])|(?<=[.!?] \[\d\])|(?<=[.!?]\[\d\d\])|(?<=[.!?] \[\d\d\]))"
    r"\s+(?=[^\sa-z])|\s*\n\s*"
)
_CITED = re.compile(r"(?<!\s)\s*\[\d+(?:\s*[,;–-]\s*\d+)*\]")  # not begun anew at each of many spaces
_NOTE = re.compile(r"(?<!\s)\s*⟦[^⟦⟧]*⟧")
_BULLET = re.compile(r"^(?:[\s•*#>-]+|\d+[.)]\s)+")


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of what was written, and what the sources say of it.

    `stance` is empty where the piece states nothing; `score` is its probability, `supports` that of being supported.
    Of what is not in the sources, the probability is that of not being supported.
    `source` is the number, from 1, of the passage that decided, with its sentence `because`; 0 where none did.
    """

    text: str
    stance: str = ""
    score: float = 0.0
    supports: float = 0.0
    source: int = 0
    because: str = ""

    @property
    def noted(self) -> str:
        """Return the piece with what is to be known of it in words, as plain text."""
        body = self.text.rstrip()
        return body + self._note() + self.text[len(body) :]

    def _note(self) -> str:
        if self.stance == REFUTES:
            return f" ⟦Contradicted by [{self.source}], {self.score:.0%} likely: “{self.because}”⟧"
        return f" ⟦not in the sources, {self.score:.0%} likely⟧" if self.stance == SILENT else ""


def pieces(text: str) -> list[str]:
    """Return a text cut after its sentences and lines; joined they are the text again.

    As a text grows at its end all pieces but the last stay what they are.
    """
    found, start = [], 0
    for border in _BORDER.finditer(text):
        part = text[start : border.end()]
        if any(char.isalpha() for char in part) and not ("\n" not in border[0] and ABBREVIATED.search(part)):
            found.append(part)
            start = border.end()
    return [*found, text[start:]] if start < len(text) else found


def statement(piece: str) -> str:
    """Return what a piece states, without its numbers and bullets; empty where it states nothing."""
    said = _BULLET.sub("", _CITED.sub("", piece)).replace("**", "").strip()
    if not any(char.isalpha() for char in said) or said.endswith(("?", ":")) or said.lower() == DECLINED.lower():
        return ""
    return said


def unmarked(text: str) -> str:
    """Return an earlier answer as it was written: without notes, and without the numbers of sources now gone."""
    return _CITED.sub("", _NOTE.sub("", text))


def stance(scores: Mapping[str, float]) -> tuple[str, float]:
    """Return what is said of a sentence from the verifier's three probabilities, and how likely that is."""
    side = max((SUPPORTS, REFUTES), key=lambda label: scores[label])
    return (side, scores[side]) if scores[side] >= LIKELY else (SILENT, 1 - scores[SUPPORTS])


def expected(marks: Sequence[Marked]) -> float:
    """Return the share of checked sentences that is to be expected to be supported; 0 where none was checked."""
    checked = [mark for mark in marks if mark.stance]
    return sum(mark.supports for mark in checked) / len(checked) if checked else 0.0


def coloured(marks: Sequence[Marked]) -> tuple[str, str]:
    """Return the colour of an answer (green, yellow or red) and why it has it, in words."""
    checked = [mark for mark in marks if mark.stance]
    if not checked:
        return "red", "No sentence of this could be checked against the sources"
    share, count = expected(marks), len(checked)
    against = [mark for mark in checked if mark.stance == REFUTES and mark.score >= AGAINST]
    if against:
        worst = max(against, key=lambda mark: mark.score)
        said = "1 sentence is" if len(against) == 1 else f"{len(against)} sentences are"
        return "red", f"{said} contradicted by the sources (see [{worst.source}]): do not rely on this"
    kept = sum(mark.stance == SUPPORTS for mark in checked)
    why = f"{kept} of {count} {'sentence' if count == 1 else 'sentences'} supported by the sources, {share:.0%} sure"
    if kept == count and share >= SURE:
        return "green", why
    if share >= DOUBTFUL and 2 * kept >= count:
        return "yellow", f"{why}: read the sources"
    return "red", f"{why}: this is mostly not in the sources"
