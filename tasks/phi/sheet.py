"""A text on which finders mark what identifies; later finders no longer see what an earlier one marked.

Knows nothing of what identifies a person.
"""

import re
from collections.abc import Callable, Iterable, Iterator

BLANK = "\ue000"
"""Stands for one marked character: neither letter, digit nor space, and of no use in a note."""

_WORD = re.compile(r"[^\W\d_]+")
Fits = Callable[[re.Match[str]], bool]


class Sheet:
    """The text with its marks; `text` shows every marked character as BLANK, so that offsets never move."""

    def __init__(self, text: str) -> None:
        self._original, self.text = text, text
        self._taken = bytearray(len(text))
        self._spans: list[tuple[int, int, str]] = []
        self._settled = 0
        self._places: dict[str, list[int]] = {}
        for match in _WORD.finditer(text):
            self._places.setdefault(match[0].lower(), []).append(match.start())

    def at(self, words: Iterable[str]) -> list[int]:
        """Return where the given lower-case words start, in order: a pattern tried only there costs next to nothing."""
        return sorted(place for word in words for place in self._places.get(word, ()))

    def matches(self, pattern: re.Pattern[str], words: Iterable[str] | None = None) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern, of those that start at one of `words` where these are given."""
        if words is None:
            yield from pattern.finditer(self.text)
            return
        for place in self.at(words):
            if (match := pattern.match(self.text, place)) is not None:
                yield match

    def mark(self, kind: str, start: int, end: int) -> None:
        """Mark one item, less the blanks at its ends; of what overlaps an earlier mark the larger free end remains."""
        while (clash := self._taken.find(1, start, end)) >= 0:
            after = self._taken.find(0, clash, end)
            after = end if after < 0 else after
            start, end = (start, clash) if clash - start >= end - after else (after, end)
        piece = self._original[start:end]
        start, end = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
        if start < end and any(map(str.isalnum, piece)):
            self._taken[start:end] = b"\1" * (end - start)
            self._spans.append((start, end, kind))

    def mark_all(
        self,
        kind: str,
        pattern: re.Pattern[str],
        group: int | str = 0,
        fits: Fits | None = None,
        words: Iterable[str] | None = None,
    ) -> None:
        """Mark the group of every match that fits, then blank them all."""
        for match in self.matches(pattern, words):
            if match.start(group) >= 0 and (fits is None or fits(match)):
                self.mark(kind, match.start(group), match.end(group))
        self.settle()

    def hide(self, pattern: re.Pattern[str]) -> None:
        """Blank every match without marking it: what is masked already is no finding."""
        for match in pattern.finditer(self.text):
            self._taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            self._spans.append((match.start(), match.end(), ""))
        self.settle()

    def settle(self) -> None:
        """Blank what has been marked so far."""
        if len(self._spans) == self._settled:
            return
        self._settled = len(self._spans)
        parts, at = [], 0
        for start, end, _ in sorted(self._spans):
            parts += [self._original[at:start], BLANK * (end - start)]
            at = end
        self.text = "".join([*parts, self._original[at:]])

    def found(self) -> list[tuple[int, int, str]]:
        """Return (start, end, kind) of the marked items in the order of the text."""
        return [span for span in sorted(self._spans) if span[2]]
