"""Plain clauses for the aspect adapter to learn from, found in reviews by their words and made by rule.

In the benefits field of a review a writer puts what a medicine did for them, so that blunt blame ("it did nothing")
and words on how it is taken are rare among the rows. Such clauses are looked for in all fields, and made: the hash of a
review's id says which. Each sentence of blame is made with one of praise that is built like it.
Knows nothing of files, splits or models.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

Clause = tuple[str, str, str]
"""Its aspect, its polarity, its words."""

LONGEST = 25
"""Words of a found clause: a longer one seldom says the one thing its words were found for."""
DISLIKED = 4
"""Rating up to which a clause that denies an effect is taken to speak of this medicine, and not of one before it."""

_FAILED = re.compile(
    r"\b(?:(?:did|does|do|has|have|had|was|is)(?: not|n['’]?t) (?:\w+ )?"
    r"(?:work\w*|help\w*|relieve\w*|reduce\w*|improve\w*|make (?:a|any) difference|do (?:anything|much)|effective|stop)"
    r"|no (?:\w+ )?(?:relief|effects?|improvement|difference|benefits?|results?|change)\b"
    r"|(?:did|done|does) (?:\w+ )?nothing|nothing for|no better\b|stopped working|useless|never (?:work|help)\w*"
    r"|ineffective|notice (?:a|any) (?:difference|change|improvement))",
    re.IGNORECASE,
)
_OTHER = re.compile(r"side[- ]?(?:e|a)ffects?|\bmouth\b|metallic", re.IGNORECASE)
_TO = r"to (?:use|take|apply|swallow|remember|inject|insert|administer|get down|keep down)"
_PILL = r"(?:pills?|tablets?|capsules?)"
_VILE = r"(?:bad|awful|horrible|terrible|gross|disgusting|nasty|vile)"
_HANDLED = {
    "positive": re.compile(
        rf"(?:easy|easier|simple|convenient|painless) {_TO}|\bconvenient|user[- ]friendly|hassle[- ]free|easy method"
        r"|tastes? (?:good|fine|great)",
        re.IGNORECASE,
    ),
    "negative": re.compile(
        rf"(?:hard|difficult|tough|impossible|messy|awkward|painful) {_TO}|\binconvenient|(?:big|large|huge) {_PILL}"
        rf"|{_PILL} (?:is|are|was|were) (?!not )(?:\w+ )?(?:big|large|huge)"
        rf"|tast(?:es?|ed) (?!not )(?:\w+ )?{_VILE}|{_VILE} tast(?:e|ing)",
        re.IGNORECASE,
    ),
}
_DENIED = re.compile(r"(?:\bnot|n['’]t|\bno|\bnever|\bwithout)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)

MADE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("effectiveness", "negative"): (
        "{it} did not work{end}|{it} didn't work for my {what}{end}|{it} does not work{end}|{it} never worked{end}",
        "{it} did nothing for my {what}{end}|{it} did nothing{end}|{it} did not do much for my {what}{end}",
        "{it} did not help my {what}{end}|{it} didn't help{end}|{it} has not helped{end}|{it} was no help{end}",
        "{it} had no effect{end}|{it} has had no effect on my {what}{end}|{it} made no difference{end}",
        "{it} stopped working after {time}|{it} no longer works for my {what}|{it} wore off and my {what} came back",
        "No relief{end}|No {what} relief{end}|No improvement{end}|No change in my {what}{end}|No benefits{end}",
        "I noticed no difference{end}|I have seen no results{end}|I got no benefit from {it}|I saw no change{end}",
        "My {what} did not improve{end}|My {what} didn't go away{end}|My {what} is no better{end}|My {what} got worse",
        "I still have {what}|My {what} is still there{end}|My {what} remains as it was|I am still in pain",
        "{it} is useless|{it} is worthless for {what}|{it} was ineffective{end}|{it} is not effective for {what}",
        "{it} failed to ease my {what}|{it} did not relieve the {what}|{it} did not stop my {what}|Did not work{end}",
        "{it} barely eased my {what}|{it} only worked for a day|Not much help for my {what}|It isn't working{end}",
        "A waste of money as my {what} stayed|I feel no better{end}|I don't feel any different{end}|Didn't help{end}",
    ),
    ("effectiveness", "positive"): (
        "{it} worked{well}|{it} worked for my {what}{well}|{it} works{well}|{it} works wonders for {what}|"
        "{it} did work",
        "{it} did wonders for my {what}{well}|{it} does the job{well}|{it} did a lot for my {what}{well}",
        "{it} helped my {what}{well}|{it} helped{well}|{it} has helped a lot{well}|{it} was a great help for my {what}",
        "{it} had a good effect{well}|{it} had an effect on my {what} within {time}|{it} made a big difference{well}",
        "{it} started working after {time}|{it} still works for my {what}|"
        "{it} took effect and my {what} never came back",
        "Great relief{well}|Good {what} relief{well}|Big improvement{well}|A change for the better in my {what}",
        "I noticed a difference within {time}|I have seen results{well}|I benefited from {it}|I saw a change in {time}",
        "My {what} improved{well}|My {what} went away{well}|My {what} is much better{well}|My {what} cleared up",
        "I no longer have {what}|My {what} is gone{well}|My {what} vanished|I am no longer in pain|"
        "I have no more {what}",
        "{it} is a useful medicine|{it} is excellent for {what}|{it} was effective{well}|{it} is effective for {what}",
        "{it} eased my {what}|{it} relieved the {what}|{it} stopped my {what}|{it} has kept my {what} away|Worked well",
        "{it} quickly eased my {what}|{it} worked within a day|A lot of help for my {what}|It is working{well}",
        "Well worth it as my {what} left|I feel better{well}|I don't get {what} any more|No more {what} since {time}",
    ),
    ("side effects", "negative"): (
        "{it} gave me {harm}|{it} caused {harm}|{it} made me {feel}|I had {harm} on {it}|Bad {harm}",
        "I was {feel} the whole time|I felt {feel} after each dose|{it} left me with {harm}|"
        "The side effects were awful",
        "I could not stand the side effects|I suffered from {harm}|So many side effects|{harm} from day one",
    ),
    ("side effects", "positive"): (
        "I have no side effects{end}|No side effects|{it} gave me no {harm}|{it} did not cause any {harm}|No {harm}",
        "I never had {harm} on {it}|{it} didn't make me {feel}|I did not feel {feel} at all|Zero side effects",
        "No adverse reactions{end}|I have not had any side effects|I did not suffer from {harm}|Without side effects",
    ),
    ("ease of use", "negative"): (
        "The {form} is hard to {use}|{it} is difficult to {use}|{it} is not easy to {use}|"
        "The {form} is awkward to {use}",
        "The {form} is a pain to {use}|{it} is inconvenient|It is tricky to {use}|The {form} is too large|"
        "Hard to {use}",
        "{it} has to be taken {often}, which is a bother|Having to take {it} {often} is inconvenient|Fiddly to {use}",
        "{it} tastes horrible|The taste of the {form} is vile|The {form} is huge|The {form} is messy|A nasty taste",
        "It is hard to remember to take it {often}|The {form} is cumbersome|I struggle to {use} the {form}",
    ),
    ("ease of use", "positive"): (
        "The {form} is easy to {use}|{it} is simple to {use}|{it} is not hard to {use}|The {form} is handy to {use}",
        "The {form} is no trouble to {use}|{it} is convenient|It is painless to {use}|The {form} is small|"
        "Easy to {use}",
        "{it} is taken {seldom}, which suits me|Taking {it} {seldom} is convenient|Simple to {use}|"
        "I just take it {seldom}",
        "{it} tastes fine|The taste of the {form} is nice|The {form} is tiny|The {form} is not messy|A nice taste",
        "It is easy to remember to take it {seldom}|The {form} is user friendly|I have no trouble with the {form}",
    ),
    ("cost", "negative"): (
        "{it} is expensive|{it} costs too much|I can't afford {it}|My insurance does not cover {it}|"
        "The price is too high",
        "It is not cheap|It cost me a fortune|My insurance won't pay|The cost of {it} is outrageous|Too dear for me",
    ),
    ("cost", "positive"): (
        "{it} is inexpensive|{it} does not cost much|I can afford {it}|My insurance pays for {it}|The price is low",
        "It is not expensive|It cost me very little|It is covered by my plan|The cost of {it} is fair|"
        "Cheap enough for me",
    ),
}
"""What is made, by aspect and polarity: each line is one kind of sentence, its wordings set apart by a bar."""

FILL = {
    "it": ("it", "it", "this medicine", "the drug", "this", "the treatment", "this medication"),
    "what": ("pain", "headaches", "rash", "anxiety", "insomnia", "nausea", "itching", "low mood", "cramps", "spots"),
    "end": ("", "", "", " at all", " for me", " so far"),
    "well": ("", "", "", " for me", " so far"),
    "time": ("a week", "two months", "a few days", "a year", "the first dose"),
    "harm": ("headaches", "nausea", "weight gain", "dry mouth", "rashes", "dizziness", "hair loss", "mood swings"),
    "feel": ("sick", "drowsy", "tired", "dizzy", "sleepy", "irritable", "numb"),
    "form": ("pill", "tablet", "capsule", "inhaler", "cream", "injection", "patch", "syrup", "spray", "pen"),
    "use": ("use", "take", "swallow", "apply", "handle", "get used to", "inject"),
    "often": ("three times a day", "every four hours", "on an empty stomach", "twice a night"),
    "seldom": ("once a day", "once daily", "once a month", "in the morning"),
}
SHARES = ("effectiveness",) * 4 + ("ease of use",) * 2 + ("side effects", "cost")
"""Of eight reviews so many lend a clause on each aspect."""


def found(clauses: list[str], rating: int) -> list[Clause]:
    """Return what short clauses of a review say outright: that it failed, or how it is taken.

    A denial in a kind review is left out: it tells of another medicine, or of side effects.
    """
    out = []
    for text in clauses:
        if len(text.split()) > LONGEST or _OTHER.search(text):
            continue
        if rating <= DISLIKED and _FAILED.search(text):
            out.append(("effectiveness", "negative", text))
        for polarity, words in _HANDLED.items():
            hit = words.search(text)
            if hit and not _DENIED.search(text[: hit.start()]):
                out.append(("ease of use", polarity, text))
    return out


def made(row: Mapping[str, Any]) -> list[Clause]:
    """Return a sentence of blame and one of praise, built alike; the review's id alone decides which."""
    name = str(row["uniqueID"])
    aspect = _pick(SHARES, f"{name} aspect")
    return [(aspect, tone, _sentence(MADE[aspect, tone], name)) for tone in ("negative", "positive")]


def _sentence(kinds: tuple[str, ...], name: str) -> str:
    text = _pick(tuple(_pick(kinds, f"{name} kind").split("|")), f"{name} wording")
    for gap, words in FILL.items():
        text = text.replace(f"{{{gap}}}", _pick(words, f"{name} {gap}"))
    return text[0].upper() + text[1:] + _pick((".", ".", ".", "", "!"), f"{name} stop")


def _pick(among: tuple[str, ...], name: str) -> str:
    return among[int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % len(among)]
