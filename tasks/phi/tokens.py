"""The words of a note, and how a name is read among them, forwards from its first word or back from its last.

Knows nothing of what stands around a name: `names.py` does.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from tasks.phi import word_set
from tasks.phi.cues import ACTS, DEGREES, TITLES
from tasks.phi.lexicon import Sort, fold, sort_of
from tasks.phi.words import EPONYM_HEADS, GIVEN_OR_WORD, PARTICLES, PILLS, SPECIES

_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f])"
_WORD = re.compile(rf"(?<![\w]){_LETTER}++(?:['’-]{_LETTER}++)*+(?![\d_])")
_LONGEST = 40
_SUFFIXES = word_set("jr sr ii iii iv")
_JOINTS = frozenset({" ", "-", ' "', '" ', " “", "” ", " (", ") ", " '", "' ", "\t"})
_DOTTED = frozenset({". ", ".", ".  "})
_INNER = frozenset({" ", "  ", "/", "-", "_", "'s ", "’s ", "' ", "s ", ". ", ", ", "\n"})
_HEAD_ENDING = (
    "ectomy",
    "otomy",
    "ostomy",
    "plasty",
    "oscopy",
    "tome",
    "meter",
    "metry",
    "pexy",
    "plication",
    "graft",
    "scope",
)
_HEAD = re.compile(rf"(?:['’][sS])?(?:[ -]({_LETTER}{{2,30}})(?:['’]s)?)(?:[ -]({_LETTER}{{2,30}}))?")
_DOSE = re.compile(
    r"[ \t]?-?\d+(?:[.,/-]\d+)*[ -]?(?:mg|mcg|g|gm|meq|units?|%|cc|ml|tabs?|tablets?|puffs?|iu|drops|po|french|fr|cm"
    r"|mm|gauge|x)\b|-\d|[®™]",
    re.IGNORECASE,
)
_OFTEN = re.compile(
    r"[ \t](?:po |once |twice )?(?:daily|nightly|qd|qhs|pills?|tabs?|ocps?|contracepti\w+)\b", re.IGNORECASE
)


class Words:
    """The words of a text with their places, and how to read names among them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        for match in _WORD.finditer(text):
            word = match[0]
            if word[-2:] in ("'s", "’s", "'S", "’S") and len(word) > 2:
                word = word[:-2]
            self.words.append(word)
            self.starts.append(match.start())
            self.ends.append(match.start() + len(word))
        distinct = set(self.words)
        folds = {word: fold(word) if len(word) <= _LONGEST else "" for word in distinct}
        self.folded = [folds[word] for word in self.words]
        self.lower = {word for word in distinct if word.islower()}

    def __len__(self) -> int:
        return len(self.words)

    def at(self, position: int) -> int:
        """Return the index of the first word that starts at or after the position."""
        return bisect_left(self.starts, position)

    def gap(self, i: int) -> str:
        """Return what stands between word i and the next; a line end before the first and after the last."""
        return self.text[self.ends[i] : self.starts[i + 1]] if 0 <= i < len(self.words) - 1 else "\n"

    def sort(self, i: int) -> Sort:
        """Return what word i may be."""
        return sort_of(self.folded[i])

    def phrases(self, i: int) -> Iterator[str]:
        """Yield the phrases that end right before word i, the longest, of four words, first."""
        first = i
        while first > 0 and i - first < 4 and (first == i or self.gap(first - 1) in _INNER):
            first -= 1
        for k in range(first, i):
            yield " ".join(self.folded[k:i])

    def titled(self, i: int) -> bool:
        """Return whether word i is written as a name is: `Smith`, `McDonald`, `O'Brien`, not `SMITH` or `IgE`."""
        word = self.words[i]
        return len(word) > 1 and word[0].isupper() and not word[1].isupper() and not word[-1].isupper()

    def loud(self, i: int) -> bool:
        """Return whether word i stands among capitals, where being all capitals says nothing."""
        near = self.text[max(0, self.starts[i] - 40) : self.ends[i] + 40]
        return sum(map(str.islower, near)) * 4 < sum(map(str.isupper, near))

    def initial(self, i: int) -> bool:
        """Return whether word i is one capital letter."""
        return i < len(self.words) and len(self.words[i]) == 1 and self.words[i].isupper()

    def initialled(self, i: int) -> bool:
        """Return whether initials with dots and what may be a surname begin at word i: `J. Smith`, not `E. Coli`."""
        last = i
        while self.initial(last) and self.gap(last) in _DOTTED:
            last += 1
        return i < last < i + 4 and self.titled(last) and self.namelike(last) and self.folded[last] not in SPECIES

    def namelike(self, i: int, lower: bool = False) -> bool:
        """Return whether word i can be part of a name: capitalised and no title, degree, clinical or function word."""
        if i >= len(self.words) or not self.folded[i] or not (lower or self.words[i][0].isupper()):
            return False
        if self.folded[i] in DEGREES or self.folded[i] in TITLES:
            return False
        if self.initial(i):
            return (
                self.text[self.ends[i] : self.ends[i] + 2].strip(" ") == ""
                or self.words[i] not in "AI"
                or self.dotted(i)
            )
        sort = self.sort(i)
        return not (sort.function or (sort.clinical and not sort.sure)) or self.before_surname(i)

    def dotted(self, i: int) -> bool:
        """Return whether a full stop or a comma, no further word, follows word i."""
        return self.text[self.ends[i] : self.ends[i] + 1] in (".", ",", "\n", "")

    def before_surname(self, i: int) -> bool:
        """Return whether a given name that is also a word, `Will` or `May`, stands capitalised before a surname."""
        if i + 1 >= len(self.words) or self.folded[i] not in GIVEN_OR_WORD or not self.titled(i):
            return False
        after = self.sort(i + 1)
        return self.gap(i) == " " and self.titled(i + 1) and after.family and not after.clinical and not after.function

    def last_name(self, j: int) -> bool:
        """Return whether word j, a surname that is a word too, ends a name: `Dana White called`."""
        if j >= len(self.words) or self.gap(j - 1) != " " or not self.titled(j):
            return False
        first, last = self.sort(j - 1), self.sort(j)
        if not (first.given and first.sure and self.titled(j - 1) and last.family) or last.function:
            return False
        acts = self.gap(j) == " " and self.folded[j + 1] in ACTS
        return acts or self.text[self.ends[j] : self.ends[j] + 1] == "," or self.signed(j)

    def signed(self, j: int) -> bool:
        """Return whether a degree follows word j."""
        return self.gap(j) == " " and self.words[j + 1].isupper() and self.folded[j + 1] in DEGREES

    def headed(self, i: int) -> bool:
        """Return whether what stands around word i makes it an eponym or a drug: `Murphy's sign`, `Flovent 100 mcg`."""
        after = self.text[self.ends[i] : self.ends[i] + 70]
        if _DOSE.match(after) or (self.folded[i] in PILLS and _OFTEN.match(after)):
            return True
        if (match := _HEAD.match(after)) is not None:
            for group in match.groups(""):
                low = fold(group)
                if low in EPONYM_HEADS or low.endswith(_HEAD_ENDING):
                    return True
        return i > 1 and self.folded[i - 1] == "of" and self.folded[i - 2] in EPONYM_HEADS

    def run(self, i: int, lower: bool = False, free: bool = False) -> int:
        """Return the index after the name that starts at word i, i itself where none does.

        With `lower` small letters will do; with `free` an unknown word may follow an initial, as in a field.
        """
        j, names = i, 0
        while names < 5 and (
            (self.namelike(j, lower) and (not names or self._goes_on(i, j, free))) or (names == 1 and self.last_name(j))
        ):
            names += 1
            j += 1
            gap = self.gap(j - 1)
            short = len(self.words[j - 1]) == 1 or self.folded[j - 1] in _SUFFIXES
            if gap not in _JOINTS and not (short and gap in _DOTTED):
                break
            k = j
            while k < min(j + 2, len(self)) and self.folded[k] in PARTICLES and self.gap(k) in (" ", ". ", "-"):
                k += 1
            if k > j and self.namelike(k) and self.titled(k):
                j = k
        if j > i and j < len(self) and self.folded[j] in _SUFFIXES and self.gap(j - 1) in (" ", ", ", ","):
            j += 1
        return j

    def _goes_on(self, first: int, j: int, free: bool) -> bool:
        """Return whether word j goes on the name begun at `first`: all in capitals or small letters only if known."""
        if self.gap(j - 1) in _DOTTED and j - first == 1 and not free:
            return self.sort(j).name or self.initial(j)
        if self.titled(j) or self.initial(j):
            return True
        return self.sort(j).name and self.words[j].isupper() == self.words[first].isupper()

    def back(self, i: int, most: int = 4) -> int:
        """Return the index of the first word of the name that ends with word i; i + 1 where none does."""
        j, taken = i + 1, 0
        while j > 0 and taken < most:
            k = j - 1
            if k < i and not (self.gap(k) in _JOINTS or (self.gap(k) in _DOTTED and len(self.words[k]) == 1)):
                break
            particle = k < i and self.folded[k] in PARTICLES
            if not (particle or self.namelike(k)):
                break
            taken += not particle
            j = k
        while j <= i and self.folded[j] in PARTICLES and self.words[j].islower():
            j += 1
        return j

    def known(self, i: int, j: int) -> bool:
        """Return whether one of words i to j is a name and nothing else, or two may be names."""
        sorts = [self.sort(k) for k in range(i, j)]
        return any(s.sure for s in sorts) or sum(s.name for s in sorts) > 1
