"""Names with a cue beside them: a title, a field, a signature, a relation, a degree, an age, something only persons do.

Knows nothing of names that stand alone: `names.py` finds those.
"""

import re

from tasks.medicines import MEDICINE
from tasks.phi import cues, word_set
from tasks.phi.tokens import Words
from tasks.phi.words import CLINICAL, FUNCTION, ROLES

_FIELD_GAP = re.compile(r"(?:['’]s)?\)?[ \t]{0,4}(?:[:=–]|-[ \t])[ \t]{0,6}(?:\n[ \t]{0,4})?[\"“*_]{0,2}")
_BY_GAP = re.compile(r"[ \t]{0,2}:?[ \t]{0,3}\n{0,3}[ \t]{0,4}")
_SIGN_OFF_GAP = re.compile(r"[,.]?[ \t]{0,3}(?:\n[ \t]{0,4}){1,4}|,[ \t]{1,3}")
_WIDE = frozenset({" ", "  ", ", ", " (", " - ", " – ", "—", " — ", "-", "'s ", ": "})
_QUOTED = frozenset({" ", "  ", ' "', " “", " '", ": ", ', "'})
_DEGREE = re.compile(
    r"(?P<comma>,?)[ \t]{1,2}(?P<degree>[A-Z][A-Za-z]{0,6}(?:-[A-Z]{1,2})?(?=[\s,.;:/)\]]|$)|(?:[A-Z][a-z]?\. ?){2,3})",
    re.MULTILINE,
)
_AGED = re.compile(
    r"(?P<sure>,[ \t](?:now |who )?(?:(?:is|was) )?|[ \t](?:is|was) (?:now )?|[ \t])(?:an? |our "
    r"|your )(?:[a-z-]{2,16},? ){0,4}?(?:\d{1,3}|[a-z]{3,9}-[a-z]{3,9}|\ue000{1,20})"
    r"[ -]?(?:year|yr|y\.?/?o\b|month|mo\b|week|day|\ue000|[mf]\b)",
    re.IGNORECASE,
)
_PLACE_BEFORE = word_set(
    """
    san santa los las fort port lake mount new saint st mt ft cape el la the a an this each another
    """
)
_MEDICINE = re.compile(MEDICINE, re.IGNORECASE)
_MISSES = word_set("not never will would may might can could should did do does don't didn't doesn't you they we i")
"""After these `Miss` is what happens to a dose, no title."""
_KINSHIP_AFTER = word_set("family household residence home brothers sisters children twins")


class CuedNames:
    """What has been found among the words of one text, as pairs: index of the first word, index after the last."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.spans: set[tuple[int, int]] = set()

    def add(self, i: int, j: int, more: bool = False) -> None:
        """Keep words i to j as one name, and with `more` those that `and`, `/` or a comma join to it."""
        if j > i:
            self.spans.add((i, j))
            if more:
                self.joined(j)

    def joined(self, j: int) -> None:
        """Go on over `and`, `/` and commas to further names that the lexicon has."""
        words = self.words
        while 0 < j < len(words):
            if words.folded[j] in ("and", "or") and words.gap(j - 1) in (" ", ", ") and words.gap(j) == " ":
                j += 1
            elif words.gap(j - 1) not in ("/", " / ", " & ", ", "):
                return
            k = words.run(j)
            if k == j or not any(words.sort(n).name for n in range(j, k)):
                return
            self.add(j, k)
            j = k

    def cued(self) -> None:
        """Find what follows a title, a field, a signature, a relation or a naming phrase."""
        words = self.words
        for i in range(1, len(words)):
            if words.folded[i - 1] not in cues.LAST_WORDS:
                continue
            gap = words.gap(i - 1)
            if len(gap) > 12 or "\ue000" in gap:
                continue
            if words.words[i][0].isupper():
                phrases = list(words.phrases(i))
                self.set_off(i, gap) or self.title(i, gap) or self.field(i, gap, phrases) or self.beside(
                    i, gap, phrases
                )
            else:
                self.small_cued(i, gap)

    def small_cued(self, i: int, gap: str) -> None:
        """Find a name in small letters after a title, in a field, or of a relative who says something."""
        words = self.words
        if words.words[i - 1] in ("dr", "mr", "mrs", "drs") and gap in (" ", ". "):
            self.add(i, words.run(i, lower=True))
        elif ":" in gap and any(p in cues.FIELDS or p in cues.SOFT_FIELDS for p in words.phrases(i)):
            j = words.run(i, lower=True)
            if j - i > 1 and all(words.sort(k).name for k in range(i, j)):
                self.add(i, j)
        elif gap == words.gap(i) == " " and words.folded[i - 1] in cues.RELATIVES:
            sort = words.sort(i)
            if sort.given and sort.sure and words.folded[i + 1] in cues.SAYS:
                self.add(i, i + 1)

    def set_off(self, i: int, gap: str) -> bool:
        """Find a name between commas, however it ends: `his daughter, Chioma, reports`."""
        words = self.words
        found = (
            gap == words.gap(i) == ", "
            and words.folded[i - 1] in cues.RELATIVES
            and words.titled(i)
            and words.folded[i] not in FUNCTION | CLINICAL
            and words.folded[i + 1] in cues.SAYS
        )
        if found:
            self.add(i, i + 1)
        return found

    def title(self, i: int, gap: str) -> bool:
        """Find the name after Dr., Mr., Mrs. and their like, joined ones too: `Drs. Lee and Patel`."""
        words = self.words
        title = words.folded[i - 1]
        if (
            title not in cues.TITLES
            or gap not in (" ", ". ", ".", "  ", ".  ")
            or ("." in gap and title not in cues.DOTTED_TITLES)
        ):
            return False
        dotted, shouted = "." in gap, words.words[i - 1].isupper() and title not in ("dr", "drs", "mrs", "miss")
        if shouted and title in ("mr", "ms") and words.titled(i) and not words.sort(i).name:
            return False
        sure = title not in ("sister", "nurse", "doctor", "sra", "lt") and (
            dotted or (title in cues.BARE_TITLES and not shouted)
        )
        if words.folded[i] in cues.TITLES or (title in ("ms", "miss") and not self.missed(i)):
            return False
        likely = title in cues.WORD_TITLES and (words.initialled(i) or self.surname(i))
        lone = sure and words.initial(i) and words.gap(i) == " " and words.titled(i + 1)
        j, sort = words.run(i + 1 if lone else i, free=sure or likely), words.sort(i)
        if (
            j == i
            and sure
            and ((words.titled(i) and (sort.name or not sort.function)) or (sort.name and not sort.function))
        ):
            j = i + 1
        if sure or likely or words.known(i, j) or (words.titled(i) and sort.name and not sort.clinical):
            self.add(i, j, more=True)
        return j > i

    def missed(self, i: int) -> bool:
        """Return whether word i, after `Miss` or `Ms`, is somebody and not what is missed: `Miss Metformin today`."""
        words = self.words
        if i > 1 and words.gap(i - 2) == " " and words.folded[i - 2].replace("’", "'") in _MISSES:
            return False
        return words.initial(i) or words.sort(i).name or self.surname(i)

    def surname(self, i: int) -> bool:
        """Return whether word i, which the lexicon may lack, looks like nothing but a surname."""
        words, sort = self.words, self.words.sort(i)
        plain = sort.clinical or sort.function or words.folded[i] in ROLES or words.headed(i)
        named = words.words[i][0].isupper() and len(words.words[i]) > 1 and self.plausible(i, i + 1)
        return named and not plain and not _MEDICINE.fullmatch(words.folded[i])

    def field(self, i: int, gap: str, phrases: list[str]) -> bool:
        """Find the value of a field or a signature: `Attending: Smith, John A.`, `Dictated by Mary Jones`."""
        colon = _FIELD_GAP.fullmatch(gap) is not None
        by = _BY_GAP.fullmatch(gap) is not None and any(phrase in cues.BY for phrase in phrases)
        sign_off = _SIGN_OFF_GAP.fullmatch(gap) is not None and any(phrase in cues.SIGN_OFFS for phrase in phrases)
        sure = by or sign_off or (colon and any(phrase in cues.FIELDS or phrase.endswith(" by") for phrase in phrases))
        if not sure and not (colon and any(phrase in cues.SOFT_FIELDS for phrase in phrases)):
            return False
        initialled = self.words.initialled(i)
        j = self.reversed(i, self.words.run(i, free=sure or initialled), sure)
        relative = (
            self.words.titled(i) and self.words.sort(i).given and any(phrase in cues.RELATIVES for phrase in phrases)
        )
        if j == i or not (relative or initialled or self.words.known(i, j) or (sure and self.plausible(i, j))):
            return False
        self.add(i, j, more=True)
        return True

    def plausible(self, i: int, j: int) -> bool:
        """Return whether words unknown to the lexicon may be a name: several, or one never in small letters here."""
        words = self.words
        return j - i > 1 or (words.words[i][0].isupper() and words.folded[i] not in words.lower)

    def reversed(self, i: int, j: int, sure: bool) -> int:
        """Return the end of `Last, First M.` where words i to j may be the last name and what follows a first name."""
        words = self.words
        if j == i or j - i > 2 or j >= len(words) or words.gap(j - 1) not in (", ", ",") or not words.namelike(j):
            return j
        first_like = (
            words.sort(j).given
            or (words.initial(j) and not words.initial(j + 1))
            or (sure and words.titled(j))
            or (sure and words.words[i].isupper())
        )
        return words.run(j) if first_like else j

    def beside(self, i: int, gap: str, phrases: list[str]) -> None:
        """Find names after `seen by`, `lives with`, `her husband`, `named`."""
        words = self.words
        initialled = words.initialled(i)
        j = words.run(i, free=initialled)
        if j == i or words.headed(j - 1) or words.folded[i - 1 : i + 1] == ["child", "pugh"]:
            return
        if words.words[i].isupper() and len(words.words[i]) > 1 and not words.loud(i) and j - i == 1:
            return
        known, titled, given = words.known(i, j), words.titled(i), words.titled(i) and words.sort(i).given
        new = (titled or initialled) and self.plausible(i, j)
        space = gap in (" ", "  ")
        acts = words.gap(j - 1) == " " and j < len(words) and words.folded[j] in cues.ACTS | cues.TOLD
        for phrase in phrases:
            if (
                (space and phrase in cues.SURE_VERBS and (known or new))
                or (space and phrase in cues.VERBS and known)
                or (gap in _WIDE and phrase in cues.RELATIVES and (known or given or (space and new)))
                or (
                    space
                    and titled
                    and words.sort(i).name
                    and (phrase in cues.NEWBORNS or (phrase in cues.STAFF and acts))
                )
                or (gap in _QUOTED and phrase in cues.SURE_NAMED and (known or new))
                or (gap in _QUOTED and (phrase in cues.NAMED or phrase in cues.INTRODUCED) and (known or given))
            ):
                self.add(i, j, more=True)
                return

    def degrees(self) -> None:
        """Find what stands before `, MD` and other degrees."""
        words = self.words
        for match in _DEGREE.finditer(words.text):
            degree = match["degree"].replace(".", "").replace(" ", "").lower()
            i = words.at(match.start("degree")) - 1
            if (
                degree not in cues.DEGREES
                or i < 0
                or words.ends[i] + (words.text[words.ends[i]] == ".") != match.start()
            ):
                continue
            j = words.back(i)
            if j > i or all(words.initial(k) for k in range(j, i + 1)):
                continue
            comma = bool(match["comma"])
            sure = comma and (degree not in cues.WEAK_DEGREES or j < i)
            if words.known(j, i + 1) or (sure and self.plausible(j, i + 1)):
                self.add(self.before_comma(j), i + 1)

    def before_comma(self, j: int) -> int:
        """Return the index of `Smith` in `Smith, John, MD`, j where no surname stands before the comma."""
        words = self.words
        if (
            j > 0
            and words.gap(j - 1) == ", "
            and words.namelike(j - 1)
            and words.sort(j - 1).family
            and words.sort(j).given
        ):
            return j - 1
        return j

    def subjects(self) -> None:
        """Find who `is a 45-year-old`, and known names that report, deny or were seen."""
        words = self.words
        for match in _AGED.finditer(words.text):
            i = words.at(match.start()) - 1
            if i >= 0 and words.ends[i] == match.start() and words.words[i][0].isupper():
                j = words.back(i, 3)
                if (
                    j <= i
                    and not words.initial(i)
                    and (
                        words.known(j, i + 1) or (match["sure"] != " " and words.titled(i) and self.plausible(j, i + 1))
                    )
                ):
                    self.add(j, i + 1)
        for i in range(len(words) - 1):
            act = words.folded[i + 1]
            if act not in cues.ACTS or not words.titled(i) or words.gap(i) != " ":
                continue
            j = words.back(i, 3)
            new = act in cues.SAYS and self.plausible(j, i + 1) and not words.sort(i).name
            if j <= i and (words.known(j, i + 1) or new) and not self.placed(j):
                self.add(j, i + 1)

    def kin(self) -> None:
        """Find `Ruth (daughter)` and `Leroy, her neighbor`."""
        words = self.words
        for i in range(len(words) - 2):
            if not words.titled(i) or not words.sort(i).name:
                continue
            owner = words.gap(i) == ", " and words.folded[i + 1] in ("his", "her", "their") and words.gap(i + 1) == " "
            if (words.gap(i) == " (" and words.folded[i + 1] in cues.RELATIVES) or (
                owner and words.folded[i + 2] in cues.RELATIVES
            ):
                self.add(words.back(i, 3), i + 1)

    def placed(self, i: int) -> bool:
        """Return whether the word before makes a place or a thing of word i: `San Francisco`, `a Rubin osteotome`."""
        words = self.words
        if i == 0 or words.gap(i - 1) not in (" ", ". ", "-"):
            return False
        after = words.folded[i + 1] if i + 1 < len(words) else ""
        return words.folded[i - 1] in _PLACE_BEFORE and after not in _KINSHIP_AFTER
