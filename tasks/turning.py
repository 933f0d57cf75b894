"""What a follow-up turns to: "And for men?" asks of men, and what names none of them answers something else.

A rule list over words; knows nothing of models, search or pages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.dialogue import OF_ANYTHING, names
from tasks.medicines import REMEDY
from tasks.population import GROWN, NOT_WHOM, WHOM, asked_for, speaks_of

_OPENS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|then|well|thanks?|thank you|great)\b\W*)*"
    r"(?:(?:and|or|but|also|plus)\b\W*(?:(?:what|how) about\b|same (?:for|with|in)\b)?|(?:what|how) about\b|"
    r"same (?:for|with|in)\b)",
    re.I,
)
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|may|might|should|would|will|has|have|how|what|why|which|who|it|if|"
    r"i|i'm|you|we|they)\b",
    re.I,
)
"""With these behind its opening a follow-up is a sentence, and not all of its words are what it turns to."""
_BESIDE = re.compile(r"\W*(?:with|without|for|in|on|at|by|during|while|when|after|before|against)\b", re.I)
_TAKEN_WITH = re.compile(
    r"\b(?:with|alongside|on top of|(?:while|when|if)(?: (?:i|you|he|she|we|they))?(?:['’]?(?:m|re|s)| am| are| is)?"
    r"(?: (?:also|already))? (?:on|tak(?:e|es|ing)|us(?:e|es|ing)))\b",
    re.I,
)
_REMEDIES = re.compile(rf"\b{REMEDY}\b", re.I)
_FOR_GROWN = re.compile(r"\b(?:in|for|among) (?:\w+ )?(?:men|women|adults|(?:fe)?males|grown-?ups)\b", re.I)
_LIGHT = frozenset(
    """
itself themselves himself herself myself instead anyway else again really actually maybe perhaps plain ordinary normal
regular certain various version type types kind kinds form forms brand brands natural remedies remedy supplement
husband wife father mother dad mum mom partner boyfriend girlfriend brother sister friend grandfather grandmother
supplements medicine medicines medication medications meds drug drugs pill pills tablet tablets capsule capsules
""".split()  # noqa: SIM905
)
_SAME = tuple(
    re.compile(rf"\b(?:{pattern})\b", re.I)
    for pattern in (
        r"paracetamol|acetaminophen|tylenol|calpol|panadol",
        r"ibuprofen|advil|motrin|nurofen",
        r"naproxen|aleve",
        r"nsaids?|anti-?inflammator\w+",
        r"antidepressants?|SSRIs?",
        r"blood[ -]thinners?|anticoagulants?",
        r"(?:high )?blood pressure|hypertension",
        r"heart attacks?|myocardial infarctions?",
        r"flu|influenza",
        r"covid(?:-?19)?|coronavirus",
        r"UTIs?|urinary (?:tract )?infections?|bladder infections?|cystitis",
        r"TB|tuberculosis",
        r"MS|multiple sclerosis",
        r"vaccin\w*|jabs?|shots?|immuni[sz]\w*",
        r"smok\w*|cigarettes?|tobacco",
        r"alcohol\w*|beer|wine|spirits",
        r"coffee|caffein\w*",
        r"exercis\w*|physical(?:ly)? activ\w*|sports?",
    )
)
"""Names of one thing: a passage that has either speaks of it."""
_KINDS = tuple(
    (re.compile(member, re.I), re.compile(rf"\b(?:{kind})\b", re.I))
    for member, kind in (
        (
            r"ibuprofen|advil|motrin|nurofen|naproxen|aleve|diclofenac|voltaren|celecoxib",
            r"nsaids?|anti-?inflammator\w+",
        ),
        (r"sertraline|fluoxetine|citalopram|escitalopram|paroxetine|zoloft|prozac", r"SSRIs?|antidepressants?"),
        (r"(?:ator|simva|rosuva|prava|lova|fluva|pitava)statin|lipitor|zocor|crestor", r"statins?"),
    )
)
"""Medicines and the names of their kind: what is said of the kind is said of them, not the other way round."""
_VITAMIN = re.compile(r"\bvitamins? ([a-k]\d*)\b", re.I)
_VITAMINS = re.compile(r"\bvitamins? ((?:[a-k]\d*\b(?:,? and |,? or |, )?)+)", re.I)
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ENDING = re.compile(r"(?:ations?|ions?|ings?|ments?|ers?|ies|ied|ed|es|s|e|y)$")
_LEFT = 5
"""Letters that stay of a word whose ending is cut; what is shorter would be found in words that mean something else."""


@dataclass(frozen=True, slots=True)
class Turned:
    """What a text has to name: all of `things` and `groups`, and one of `kept` where there are any; `not_for` nobody.

    Words stand as they were asked, groups by their names in tasks/population.py.
    """

    things: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()

    def fits(self, text: str) -> bool:
        """Return whether a text speaks of what was turned to."""
        return (
            all(speaks_of(group, text) for group in self.groups)
            and not any(speaks_of(group, text) for group in self.not_for)
            and all(_says(word, text) for word in self.things)
            and (not self.kept or any(_says(word, text) for word in self.kept))
        )


def turned(questions: Sequence[str]) -> Turned:
    """Return what the last of some questions asks of, where each but the first leans on those before it.

    What was turned to stays what is spoken of until something else is: "What about paracetamol?", "is it safer?".
    "And with paracetamol?" turns to nothing new, but asks of both; so does "and paracetamol?" where the question was
    of one remedy with another: what is said of it alone would sound like leave.
    """
    instead, beside, groups, not_for = (), (), (), ()
    for question in questions[1:]:
        things, replaced = _things(question)
        if things:
            instead, beside = (things, ()) if replaced else (instead, things)
        people, others = _turned_to(question), [kind for kind, out in NOT_WHOM.items() if out.search(question)]
        if people or others:
            groups, not_for = tuple(people), tuple(others)
    kept = tuple(_words(questions[0])) if (beside or groups or not_for) and not instead else ()
    if any(re.fullmatch(REMEDY, word, re.I) for word in instead):
        kept = _partners(questions[0])
    return Turned((*instead, *beside), groups, kept, not_for)


def _partners(question: str) -> tuple[str, ...]:
    """Return the remedies with which a question asks to take another one: of ibuprofen with warfarin, warfarin."""
    first, joined, rest = question.partition(found[0]) if (found := _TAKEN_WITH.search(question)) else ("", "", "")
    if not joined or not _REMEDIES.search(first):
        return ()
    return tuple(match[0] for match in _REMEDIES.finditer(rest))


def _turned_to(question: str) -> list[str]:
    """Return the groups a follow-up is about; men, women and adults only where it turns to them.

    Few sources name them: who only says of whom they speak ("can my husband take it") is answered as anybody is.
    """
    opening = _OPENS.match(question)
    turns = opening and not _CLAUSE.search(question[opening.end() :])
    return [kind for kind in asked_for(question) if turns or kind not in GROWN or _FOR_GROWN.search(question)]


def _things(question: str) -> tuple[tuple[str, ...], bool]:
    """Return what a follow-up names, and whether that stands in for what was spoken of: "and garlic?".

    Of a sentence only the remedies count, and they stand beside it: "is it safe with garlic?".
    """
    opening, words = _OPENS.match(question), _words(question)
    if opening and not _CLAUSE.search(question[opening.end() :]):
        return tuple(words), not _BESIDE.match(question, opening.end())
    return tuple(word for word in words if re.fullmatch(REMEDY, word, re.I) or _VITAMIN.fullmatch(word)), False


def _words(question: str) -> list[str]:
    """Return what a question names, people left out; what has several words or other names as one."""
    for group in WHOM.values():
        question = group.sub(" ", question)
    found = []
    for pattern in (_VITAMIN, *_SAME):
        found += [match[0] for match in pattern.finditer(question)]
        question = pattern.sub(" ", question)
    rest = [word for word in names(question) if word.lower() not in OF_ANYTHING | _LIGHT]
    return list(dict.fromkeys([*found, *rest]))


def _known(word: str) -> re.Pattern[str] | None:
    """Return the names of the thing a word is a name of, where it has several."""
    return next((same for same in _SAME if same.fullmatch(word)), None)


def _says(word: str, text: str) -> bool:
    """Return whether a text has a word, by another name or with another ending.

    Words are compared, not made patterns: what a person typed would stay in the cache of patterns.
    """
    if any(member.fullmatch(word) and kind.search(text) for member, kind in _KINDS):
        return True
    if same := _known(word):
        return bool(same.search(text))
    if vitamin := _VITAMIN.fullmatch(word):
        return any(vitamin[1].lower() in _WORD.findall(listed.lower()) for listed in _VITAMINS.findall(text))
    said, word = _WORD.findall(text.lower()), word.lower()
    cut = _ENDING.sub("", word)
    if len(cut) >= _LEFT:
        return any(other.startswith(cut) for other in said)
    return not {word, word.removesuffix("s"), f"{word}s", f"{word}es"}.isdisjoint(said)
