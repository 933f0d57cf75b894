"""The amounts a text names, each a number with its unit, and whether a claim names others than a passage does.

One amount spelled in two ways is one: "4 g" and "4,000 mg", "0.40" and "0.4", "four thousand". Pure functions; knows
nothing of what is taken.
"""

import re
from collections.abc import Iterator, Mapping

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS: Mapping[str, float] = {
    "half": 0.5,
    "single": 1,
    **{word: i for i, word in enumerate(_SMALL.split())},
    **{word: 10 * i for i, word in enumerate(_TENS.split(), 2)},
}
_SCALES: Mapping[str, float] = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_SPELT = "|".join(_WORDS)
_SCALED = "|".join(_SCALES)
_FIGURE = r"(?:\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?!\d)"
_SPOKEN = rf"(?:{_SPELT}|{_SCALED})(?:(?:\s|-|\sand\s)(?:{_SPELT}|{_SCALED}))*"
_NUMBER = rf"(?:{_FIGURE}(?:\s(?:{_SCALED}))?|(?:a\s(?={_SCALED}))?{_SPOKEN})\b"
_UNITS: tuple[tuple[str, str, float], ...] = (
    (r"(?:mg|milligram(?:me)?s?)", "mass", 1),
    (r"(?:mcg|[\u00b5\u03bc]g|ug|microgram(?:me)?s?)", "mass", 0.001),
    (r"(?:(?-i:g)|gr?ams?|grammes?)", "mass", 1000),
    (r"(?:kg|kilos?|kilogram(?:me)?s?)", "weight", 1),
    (r"(?:iu|(?:international )?units?)", "units", 1),
    (r"(?:ml|millilit(?:re|er)s?)", "volume", 1),
    (r"(?:(?-i:[lL])|lit(?:re|er)s?)", "volume", 1000),
    (r"doses?", "doses", 1),
    (r"puffs?", "puffs", 1),
    (r"drops?", "drops", 1),
    (r"teaspoons?", "teaspoons", 1),
    (r"tablespoons?", "tablespoons", 1),
    (r"times", "times", 1),
    (r"(?:%|percent|per cent)", "percent", 1),
    (r"(?:mins?|(?:an?\s)?minutes?)", "time", 1),
    (r"(?:hrs?|(?:an?\s)?hours?)", "time", 60),
    (r"days?", "time", 1440),
    (r"weeks?", "time", 10080),
    (r"months?", "months", 1),
    (r"years?", "months", 12),
    (r"(?:[\d.,]+\s?m?g\s|[\w-]{1,30}\s)?(?:tablets?|pills?|capsules?)", "tablets", 1),
)
_UNIT = re.compile(
    rf"(?:\s?(?:to|and|or|-|\N{{EN DASH}}|/)\s?{_NUMBER})?[\s-]?"
    rf"(?:{'|'.join(f'(?P<u{i}>{unit})' for i, (unit, _, _) in enumerate(_UNITS))})(?![^\W_])"
    r"(?:\s?(?:/|per\s)\s?(?P<per>kg|kilo(?:gram)?|d?l|ml)\b)?",
    re.I,
)
_FIND = re.compile(rf"(?<![\w.,])(?<![^\W\d_][-\N{{EN DASH}}]){_NUMBER}", re.I)
_OFTEN = re.compile(r"\b(once|twice|thrice)(?=\s(?:an?|per|each|every|daily|weekly|monthly|in)\b)", re.I)
_BEFORE = re.compile(rf"\b(?P<unit>ages?|aged|weeks?|days?|months?)\s(?:{_NUMBER}\s?(?:to|and|or|-)\s?)?$", re.I)
_NAMED: Mapping[str, tuple[str, float]] = {
    "age": ("months", 12),
    "aged": ("months", 12),
    "week": ("time", 10080),
    "day": ("time", 1440),
    "month": ("months", 1),
}

PRESSURE = "pressure"
_PRESSURE = re.compile(r"(?<![\d/.,])(\d{2,3})\s?/\s?(\d{2,3})(?![\d/])")
"""A blood pressure, upper number before lower one."""

Amount = tuple[str, float]
"""What is measured ("mass", "time"), and how much of it in the kind's own unit."""


def amounts(text: str) -> set[Amount]:
    """Return the amounts a text names; a number without a unit is none."""
    found = {(PRESSURE, 1000.0 * up + low) for up, low in _pressures(text)}
    found |= {("times", float(1 + ("once", "twice", "thrice").index(m[1].lower()))) for m in _OFTEN.finditer(text)}
    for number in _FIND.finditer(text):
        if (measure := _measure(text, number.start(), number.end())) is not None:
            kind, size = measure
            found.add((kind, round(_value(number[0]) * size, 6)))
    return found


def _pressures(text: str) -> Iterator[tuple[int, int]]:
    """Yield the blood pressures a text names; 50/50 and a date are none."""
    for found in _PRESSURE.finditer(text):
        up, low = int(found[1]), int(found[2])
        if 70 <= up <= 260 and 40 <= low <= 150 and low < up:
            yield up, low


def other_amounts(claim: str, passage: str) -> bool:
    """Return whether a claim names an amount that a passage does not, though the passage names one of its kind."""
    there = amounts(passage)
    kinds = {kind for kind, _ in there}
    return any(kind in kinds for kind, _ in amounts(claim) - there)


def _measure(text: str, start: int, end: int) -> tuple[str, float] | None:
    """Return the kind of a number's unit and its size: the unit stands behind it, or a name before it ("age 60")."""
    behind = _UNIT.match(text, end)
    if behind:
        _, kind, size = next(_UNITS[i] for i in range(len(_UNITS)) if behind[f"u{i}"])
        return (f"{kind}/{behind['per'].lower()}" if behind["per"] else kind), size
    before = _BEFORE.search(text[max(start - 40, 0) : start])
    if before is None:
        return None
    name = before["unit"].lower()
    return _NAMED.get(name) or _NAMED[name.removesuffix("s")]


def _value(number: str) -> float:
    """Return what a number is worth, in figures, in words or both ("4 thousand")."""
    whole, part = 0.0, 0.0
    for word in re.findall(rf"{_FIGURE}|[a-z]+", number.lower()):
        if word in _SCALES:
            part = (part or 1) * _SCALES[word]
            whole, part = (whole + part, 0.0) if _SCALES[word] > 100 else (whole, part)
        elif word in _WORDS:
            part += _WORDS[word]
        elif word[-1].isdigit():
            part += _figure(word)
    return whole + part


def _figure(text: str) -> float:
    """Return a number in figures; a comma or gap before three digits parts thousands, any other comma is a point."""
    bare = re.sub(r"[,\u00a0\u202f ](?=\d{3}(?:\D|$))", "", text)
    return float(bare.replace(",", "."))
