"""Names of persons: beside a cue, from a lexicon, and again later.

The rules go from what is certain to what is likely; each name found teaches its words to the last rule, which finds
them again wherever they stand. Eponyms ("Murphy sign", "Foley catheter") are names only where a title or a relation
says so. Knows nothing of places, dates or numbers: what those rules marked is blank here.
"""

import re

from tasks.phi.cued import CuedNames
from tasks.phi.cues import DEGREES
from tasks.phi.lexicon import Sort, fold, sort_of
from tasks.phi.sheet import Sheet
from tasks.phi.tokens import Words
from tasks.phi.words import EPONYMS, GIVEN_OR_WORD, NAME_AND_WORD

_SLASHED = re.compile(r"/s/[ \t]{0,3}\n?[ \t]{0,3}(?=[^\W\d_])")
_INITIALS = re.compile(
    r"\b(?i:initials?|patient|pt|client|subject|child|minor|identified as|mr|ms|mrs|dr|by)\b\.?[: ]{1,3}"
    r"(?P<name>(?:[A-Z]\.[ ]?){2,3}(?![a-z])|(?:(?<=nitials: )|(?<=nitials ))[A-Z]{2,3}\b)"
    r"|(?<![\w.])(?P<subject>(?:[A-Z]\.){2,3})(?= (?:is|was) an? )"
)


class _Names(CuedNames):
    """The rules that need no cue, on top of those that do."""

    def lexicon(self) -> None:
        """Find names by the lexicon alone: a given name with or without more, `Last, First`, `J. Last`."""
        words = self.words
        for i in range(len(words)):
            if not words.words[i][0].isupper():
                continue
            sort = words.sort(i)
            if words.initial(i):
                self.after_initials(i)
            elif sort.name and not self.placed(i):
                self.last_first(i, sort) or self.known_name(i, sort)

    def small(self) -> None:
        """Find `john smith` in small letters: a given name that is nothing else, and a surname."""
        words = self.words
        given = {word for word in words.lower if (sort := sort_of(fold(word))).given and sort.sure}
        for i in range(len(words) - 1):
            if words.words[i] in given and words.words[i + 1].islower() and words.gap(i) == " ":
                last = words.sort(i + 1)
                surname = last.family and not last.clinical and (last.sure or words.folded[i + 1] in EPONYMS)
                if surname and not words.headed(i + 1):
                    self.add(i, i + 2)

    def last_first(self, i: int, sort: Sort) -> bool:
        """Find `Smith, John`."""
        words = self.words
        if not sort.family or words.gap(i) not in (", ", ",") or not words.namelike(i) or not words.namelike(i + 1):
            return False
        first = words.sort(i + 1)
        alike = words.words[i].isupper() == words.words[i + 1].isupper()
        if not (first.given and alike and (sort.sure or first.sure)) or words.headed(i + 1):
            return False
        self.add(i, words.run(i + 1))
        return True

    def known_name(self, i: int, sort: Sort) -> None:
        """Decide on one capitalised word that the lexicon has ."""
        words = self.words
        j, low = words.run(i), words.folded[i]
        if j == i or words.headed(j - 1):
            return
        if not sort.given:
            if sort.sure and words.titled(i) and low not in words.lower:
                self.add(i, j)
            return
        others = [words.sort(k) for k in range(i + 1, j)]
        if others:
            sure = sort.sure and (words.titled(i) or any(s.name for s in others))
            if sure or (low in GIVEN_OR_WORD and any(s.family and not s.clinical for s in others)):
                self.add(i, j)
        elif sort.sure and (words.titled(i) or (len(low) > 4 and words.loud(i))) and low not in words.lower:
            self.add(i, j)

    def after_initials(self, i: int) -> None:
        """Find `J. Smith` and `J.R. Smith`: the surname must be known, for `E. Coli` is none."""
        words = self.words
        j = i + 1
        while j < len(words) and words.initial(j) and words.gap(j - 1) in (".", ". "):
            j += 1
        if j < len(words) and words.gap(j - 1) == ". " and words.titled(j) and not words.headed(j):
            sort = words.sort(j)
            if sort.family and sort.sure:
                self.add(i, words.run(j))

    def again(self) -> None:
        """Find the words of the names found wherever they stand again, unless they are plain words or eponyms there."""
        words = self.words
        inside = {k for i, j in self.spans for k in range(i, j)}
        seeds = {
            part
            for k in inside
            if not words.sort(k).function
            for part in (words.folded[k], *words.folded[k].split("-"))
        }
        for i in range(len(words)):
            low = words.folded[i]
            if len(low) < 2 or low not in seeds or i in inside or words.headed(i):
                continue
            plain = low in GIVEN_OR_WORD or low in NAME_AND_WORD or low in EPONYMS or words.sort(i).clinical
            if words.words[i].islower():
                if words.sort(i).sure:
                    self.add(i, i + 1)
            elif not plain or (words.titled(i) and not self.placed(i) and (self.mid_sentence(i) or self.signs(i))):
                self.add(i, i + 1)

    def signs(self, i: int) -> bool:
        """Return whether a degree or a colon follows word i, as after whoever signs or speaks."""
        return self.words.gap(i)[:1] == ":" or (i + 1 < len(self.words) and self.words.folded[i + 1] in DEGREES)

    def mid_sentence(self, i: int) -> bool:
        """Return whether a capital on word i is not owed to a sentence's or line's beginning."""
        before = self.words.text[max(0, self.words.starts[i] - 2) : self.words.starts[i]]
        return len(before) == 2 and before[1] == " " and before[0] not in " .:;!?\n-*•"


def mark_names(sheet: Sheet) -> None:
    """Mark every name of a person."""
    words = Words(sheet.text)
    finder = _Names(words)
    for match in _SLASHED.finditer(words.text):
        i = words.at(match.end())
        finder.add(i, words.run(i))
    finder.cued()
    finder.degrees()
    finder.subjects()
    finder.kin()
    finder.lexicon()
    finder.small()
    finder.again()
    for i, j in sorted(finder.spans, key=lambda span: (span[0], -span[1])):
        sheet.mark("NAME", words.starts[i], words.ends[j - 1])
    sheet.mark_all("NAME", _INITIALS, "name")
    sheet.mark_all("NAME", _INITIALS, "subject")
