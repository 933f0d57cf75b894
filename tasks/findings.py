"""Which words of a note say that something is not there, or that it is a relative's.

A rule list after NegEx (Chapman et al. 2001, J Biomed Inform 34:301) and ConText (Harkema et al. 2009, J Biomed Inform
42:839): a trigger opens a scope that runs to the end of the sentence or to a word that turns it. medspaCy does the
same on a spaCy pipeline of several hundred megabytes; for one screen of rules that price is too high.
Covered: English clinical prose and telegraphic lists. Not covered: hypothetical findings ("return if fever"), irony,
negation across sentences. Knows nothing of models or categories.
"""

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of a text and why it says nothing of the patient's own state: "negated" or "family"."""

    start: int
    end: int
    kind: str


_SENTENCE = re.compile(r"[^.!?;\n]+(?:[.!?](?=\S)[^.!?;\n]*)*[.!?;]*")

_NT = r"(?:is|was|are|were|has|have|had|do|does|did)n['’]t"
_NOT = rf"(?:not|{_NT})"
# What looks like a negation and is none. A marker's result ("HER2 negative") names the kind of a disease.
_PSEUDO = (
    r"no longer|no (?:significant |interval |further )?(?:change|increase|improvement|response|relief)s?\b|not only"
    r"|no\. ?\d|without (?:difficulty|complications?|incident|improvement|relief)"
    rf"|{_NOT} (?:certain|sure) (?:if|whether)|{_NOT} been (?:taking|able)"
    rf"|{_NOT} (?:improv|respond|controll|compliant|adherent|tolerat|able)\w*"
    r"|(?:\w+n['’]t|can ?not|not|unable to) (?:yet )?(?:be |been )?(?:\w+ly )?(?:ruled? out|excluded?)"
    r"|(?:do|does|did)(?: not|n['’]t) (?:improve|respond|resolve|take|follow)"
    r"|(?:gram|triple|her-?2(?:/neu)?|er|pr|rh|receptor)[ -]negative"
)
_BEFORE = (
    r"no evidence (?:of|for)|no signs? (?:of|for)|no (?:history|complaints?|hx|h/o) of|negative for|neg for"
    r"|denies|denied|denying|without(?: any)?(?: evidence of| signs? of)?|absence of|free of|rules? out"
    r"|ruled out(?: for)?|nor|neither|none"
    rf"|(?:never|{_NOT})(?: had)?|no"
)
# "Non" belongs to most names of diseases (non-small cell, non-ST elevation); it denies only the word it stands before.
_WORD = re.compile(r"\bnon[ -]?(?:tender|distended|palpable|toxic|smokers?|drinkers?|bloody|bilious)\b", re.IGNORECASE)
_VERB = r"(?:was|were|is|are|(?:has|have|had) (?:\w+ )?been) (?:\w+ly |now |also )?"
_SEEN = r"(?:seen|found|present|identified|detected|demonstrated|noted|visualized)"
# Without a verb, "negative" and its like deny what stands before them only where nothing follows that they describe.
_AFTER = (
    rf"{_VERB}(?:ruled out|excluded|absent|negative)(?! for\b)|(?:{_VERB})?{_NOT} (?:been )?{_SEEN}"
    r"|(?:ruled out|excluded|absent|negative)(?=\s*(?:[.,;:)]|$)|\s+(?:and|but|or|by|on|x ?\d)\b)|unlikely"
)
_TURN = (
    r"but|however|although|though|except(?: for)?|yet|apart from|aside from|which|who|because|due to|secondary to"
    r"|presents?(?: with)?|presented(?: with)?|complains? of|reports|now has|has(?! not\b| no\b)|had(?! not\b| no\b)"
    r"|positive for|admits|developed|with(?=\s(?:known|a history))"
)
_KIN = (
    r"mother|father|parents?|brothers?|sisters?|siblings?|sons?|daughters?|grand(?:mother|father|parents?|ma|pa)s?"
    r"|aunts?|uncles?|cousins?|nieces?|nephews?|half-(?:brother|sister)s?|relatives?|mom|dad|family members?"
)
# Who tells of the patient, or is the patient ("mother of two"), is not the one who is ill.
_TELLS = (
    rf"(?: (?:and|or|/) (?:{_KIN}))?,? (?:also |now |has |have )?(?:report\w*|states?|stated|says?|said"
    r"|notes?|noticed|noted(?! to\b)|tells|told|denies|denied|deny|describes?|described|thinks?|believes?|recalls?"
    r"|confirms?|confirmed|(?:is|was|are|were) (?:concerned|worried)|brought|brings?"
    r"|found (?:him|her|them|the|that|pt|patient))\b"
    r"| of (?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twins|triplets)\b"
)
_ILL = (
    r"had|has|have|died|dead|deceased|suffer\w*|diagnosed|positive for|h/o|history|passed away|underwent"
    r"|with(?! (?:good|whom|him|her|them|the|a good|support))"
)
_FAMILY = re.compile(
    rf"\b(?:family (?:medical )?(?:history|hx)\b|fam hx\b|fhx?\b|familial history\b"
    rf"|(?:(?:his|her|their|the patient's|maternal|paternal|a|one|two|three|whose)\s+)*(?:{_KIN})\b(?!{_TELLS})"
    rf"(?=[^.;\n]{{0,60}}?\b(?:{_ILL})\b))",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"\b(?:by|with|to|per|from|told|called|and) $", re.IGNORECASE)
_BACK_TO_PATIENT = re.compile(
    r"\b(?:the )?(?:patient|pt)\b(?! *'s (?:mother|father|family))"
    r"|,? (?:but|and|while) (?:he|she|they) (?:has|had|have|is|was)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^[ \t]*family (?:medical )?(?:history|hx)[ \t]*[:,-]+", re.IGNORECASE | re.MULTILINE)
# "Father: CAD" goes on with the family; a heading of another section ends it.
_RELATIVE = rf"(?i:(?:his |her )?(?:maternal|paternal|{_KIN}))\b"
_NEXT_HEADING = re.compile(
    rf"\n[ \t]*\n|(?<=[.;\n])\s*(?!{_RELATIVE})[A-Z][\w/&-]*(?: [\w/&-]+){{0,4}}:"
    rf"|(?<=,)\s*(?!{_RELATIVE})[A-Z][A-Z /&-]{{4,40}}:"
)
_NEXT_LINE = re.compile(rf"\n(?![ \t]*(?:[a-z]|{_RELATIVE}))")
_CLAUSE = r",\s+(?=(?:and )?(?:he|she|they|it|the|patient|pt|there)\b)|:\s|\s-\s"
_PSEUDO_RE, _BEFORE_RE, _AFTER_RE = (
    re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE) for words in (_PSEUDO, _BEFORE, _AFTER)
)
_TURN_RE = re.compile(rf"(?<![\w-])(?:{_TURN})(?!\w)|{_CLAUSE}", re.IGNORECASE)
_OPENING = re.compile(
    r"[,:]|\b(?:and|but|with|found to be|ha[sd](?! (?:\w+ )?been\b))\b"
    rf"|\b(?:that|which)\b(?! (?:{_AFTER}))",
    re.IGNORECASE,
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence of a note starts and ends: at full stops, semicolons and line ends."""
    found = []
    for match in _SENTENCE.finditer(text):
        part = match.group()
        if part.strip():
            start = match.start() + len(part) - len(part.lstrip())
            found.append((start, match.end() - (len(part) - len(part.rstrip()))))
    return found


def absent(text: str) -> list[Span]:
    """Return the stretches that claim nothing of the patient, in order, without overlaps."""
    sections = [_section(text, m.start(), m.end()) for m in _HEADING.finditer(text)]
    spans = [Span(*section, "family") for section in sections]
    for start, end in sentences(text):
        if _within(sections, start, end):
            continue
        spans += _family(text, start, end) or _negated(text, start, end)
    return _merged(spans)


def present(text: str) -> str:
    """Return the text without its absent stretches, each replaced by a space."""
    out, at = [], 0
    for span in absent(text):
        out.append(text[at : span.start])
        at = span.end
    return " ".join([*out, text[at:]]) if out else text


def _section(text: str, start: int, after: int) -> tuple[int, int]:
    """Return a family section: to the next heading or blank line, or to the line's end where it begins on that line.

    A line that goes on in small letters was wrapped.
    """
    blank = re.compile(r"\s*").match(text, after)
    first = blank.end() if blank else after
    ends = [_NEXT_HEADING.search(text, first)]
    if "\n" not in text[after:first]:
        ends.append(_NEXT_LINE.search(text, first))
    return start, min([m.start() for m in ends if m] or [len(text)])


def _family(text: str, start: int, end: int) -> list[Span]:
    match = _FAMILY.search(text, start, end)
    # "Brought in by his mother, who had …" tells of the patient.
    if match is None or _COMPANY.search(text[start : match.start()]):
        return []
    back = _BACK_TO_PATIENT.search(text, match.end(), end)
    # "Father had MI" is family from its first word, but what stands before a late mention is the patient's own.
    return [Span(match.start(), back.start() if back else end, "family")]


def _negated(text: str, start: int, end: int) -> list[Span]:
    pseudo = [m.span() for m in _PSEUDO_RE.finditer(text, start, end)]
    before: list[tuple[int, int]] = []
    at = start
    while match := _BEFORE_RE.search(text, at, end):
        at = match.end()
        if not _within(pseudo, match.start(), match.start() + 1):
            turn = _TURN_RE.search(text, at, end)
            at = turn.start() if turn else end
            before.append((match.start(), at))
    spans = [Span(*stretch, "negated") for stretch in before]
    openings = [start, *(m.end() for m in _OPENING.finditer(text, start, end))]
    for match in _AFTER_RE.finditer(text, start, end):
        if _within(pseudo, match.start(), match.end()) or _within(before, match.start(), match.start()):
            continue
        opened = openings[bisect_right(openings, match.start()) - 1]
        spans.append(Span(opened, match.end(), "negated"))
    return spans + [Span(*m.span(), "negated") for m in _WORD.finditer(text, start, end)]


def _within(stretches: list[tuple[int, int]], start: int, end: int) -> bool:
    """Return whether one of the ordered stretches lies, wholly or partly, between two places."""
    before = bisect_left(stretches, (end,))
    return before > 0 and stretches[before - 1][1] > start


def _merged(spans: list[Span]) -> list[Span]:
    out: list[Span] = []
    for span in sorted(spans):
        if out and span.start < out[-1].end:
            out[-1] = out[-1]._replace(end=max(out[-1].end, span.end))
        else:
            out.append(span)
    return out
