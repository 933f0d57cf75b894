"""From what passages say of a claim to a verdict and a trust score that can be taken apart. Pure functions.

The rule, in order:

1. A passage counts when it was found near the claim (`Limits.near`) and is likelier than not to say something of it
   (`Limits.speaks`). Where none does, the verdict is "not enough evidence".
2. Each passage that counts weighs as much as it is near and as its kind of source is strong. The strongest support and
   the strongest refutation are compared, not their sums: ten copies of one leaflet are one voice.
3. Where each side has a passage that leans its way and says so as plainly as `Limits.sure`, and the weaker side has at
   least `Limits.conflict` of the stronger one's weight, evidence conflicts: "misleading".
4. Where the claim as it stands is refuted or not supported, but the same claim without its absolute words
   ("completely", "always") is supported, the evidence holds for something weaker: "misleading".
5. Otherwise the stronger side decides: "true" or "false"; where its passage says so less plainly than
   `Limits.sure`, the verdict is "not enough evidence" and names the side it leans to.

A claim of several parts is judged part by part: all true is true, all false is false, a mixture is misleading.
Knows nothing of search or of models.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks.passage import ABBREVIATED, ENDS
from tasks.spec import UserError

TRUE, FALSE, MISLEADING, UNKNOWN = "true", "false", "misleading", "not enough evidence"
VERDICTS = (TRUE, FALSE, MISLEADING, UNKNOWN)

TIERS: Mapping[str, float] = {
    "guideline": 1.0,
    "regulator": 1.0,
    "review": 0.95,
    "reference": 0.85,
    "trial": 0.8,
    "study": 0.7,
}
"""How much a kind of source weighs; any other weighs OTHER."""
OTHER = 0.6

GREEN, YELLOW = 60, 30
"""Trust scores from which a verdict is shown green, or yellow; below that it is red and flagged for review."""

_ABSOLUTE = re.compile(
    r"\b(?:100 ?%(?!\w)|(?:completely|totally|entirely|fully|always|certainly|definitely|guaranteed(?: to)?|instantly|"
    r"permanently|miraculously|everyone|everybody|all (?=patients|people|women|men|children|diseases|cancers)|only|"
    r"any and all|100 per ?cent)\b)\s*",
    re.I,
)
_DENIES = re.compile(
    r"\b(?:never|not|no|none|nobody|nothing|neither|nor|cannot|(?:fails?|failed) to|"
    r"(?:myth|misconception|lie|false|untrue|wrong|incorrect) that)\b|n['’]t\b",
    re.I,
)
_CURE = re.compile(r"\b(cure|cures|cured|curing|eliminate|eliminates|eradicate|eradicates)\b", re.I)
_SO = re.compile(
    r",?\s*\b(so|and|therefore|thus|which means)\b,?\s+(?:that\s+)?(?=(?:you|we|people|patients|there)\b)", re.I
)
_PARTS = re.compile(ENDS + r"(?=[A-Z0-9\"'])|;\s+|\n+")
_WRAPPED = re.compile(r"(?<![.!?;:\s])[^\S\n]*\n[^\S\n]*(?=[a-z])")
_LISTED = re.compile(r"^[^\S\n]*(?:[-*•‣·–—]|\(?\d{1,2}[.)])[^\S\n]+(?=\S)", re.M)
"""A bullet or a number before a line, which is no part of the claim."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Limits:
    """The rule's thresholds, each a share from 0 to 1, set by hand when the rule was written."""

    near: float = 0.2
    speaks: float = 0.5
    conflict: float = 0.6
    sure: float = 0.6


@dataclass(frozen=True)
class Stance:
    """What one passage says of one claim: how near it was found (0 to 1), and three probabilities that add up to 1."""

    passage: str
    near: float
    supports: float
    refutes: float
    kind: str = ""
    sentence: str = ""
    like: str = ""
    """The known claim that the claim was compared with, and on which side of it the passage stands; empty for none."""

    @property
    def says(self) -> float:
        """Return how likely it is that the passage says anything of the claim."""
        return self.supports + self.refutes

    def silent(self) -> "Stance":
        """Return the stance of the same passage where it turns out to speak of something else."""
        return replace(self, supports=0.0, refutes=0.0, like="")

    @property
    def weight(self) -> float:
        """Return what the passage weighs: nearness times the strength of its kind of source."""
        return self.near * TIERS.get(self.kind, OTHER)


@dataclass(frozen=True)
class Verdict:
    """A verdict on one claim, and its trust score with the parts it is the product of (each 0 to 1)."""

    label: str
    parts: Mapping[str, float] = field(default_factory=dict)
    decided_by: tuple[str, ...] = ()
    why: str = ""
    withheld: bool = False
    """A verdict could be had and is not given: tasks/restraint.py says where."""

    @property
    def trust(self) -> int:
        """Return the trust score, 0 to 100: the product of its parts; 0 where nothing was found."""
        product = 100.0 if self.parts else 0.0
        for share in self.parts.values():
            product *= share
        return round(product)

    @property
    def colour(self) -> str:
        """Return green, yellow or red."""
        return "green" if self.trust >= GREEN else "yellow" if self.trust >= YELLOW else "red"


def decide(stances: Sequence[Stance], weaker: Sequence[Stance] = (), limits: Limits | None = None) -> Verdict:
    """Return the verdict on one claim.

    Args:
        stances: what each passage found says of the claim.
        weaker: what they say of the claim without its absolute words; empty where it has none.
        limits: the rule's thresholds.
    """
    limits = limits or Limits()
    counted = _counted(stances, limits)
    milder = _counted(weaker, limits)
    softly = max(milder, key=lambda s: s.weight * s.supports, default=None)
    held = softly is not None and softly.supports > max(softly.refutes, limits.sure)
    if not counted:
        if held and softly is not None:
            why = "The evidence holds for a weaker statement than this one."
            return Verdict(MISLEADING, _parts(softly, milder, "supports"), (softly.passage,), why)
        return Verdict(UNKNOWN, why="Nothing found says whether this is so.")
    pro = max(counted, key=lambda s: s.weight * s.supports)
    con = max(counted, key=lambda s: s.weight * s.refutes)
    for_it, against = pro.weight * pro.supports, con.weight * con.refutes
    if _at_odds(pro, con, limits) and min(for_it, against) >= limits.conflict * max(for_it, against):
        why = "The evidence conflicts; both sides are shown."
        side = "supports" if for_it >= against else "refutes"
        return Verdict(
            MISLEADING, _parts(pro if for_it >= against else con, counted, side), (pro.passage, con.passage), why
        )
    if against >= for_it:
        if held:
            why = "The evidence holds for a weaker statement and speaks against this one."
            return Verdict(MISLEADING, _parts(con, counted, "refutes"), (con.passage,), why)
        return _sided(FALSE, con, counted, "refutes", limits)
    return _sided(TRUE, pro, counted, "supports", limits)


def _at_odds(pro: Stance, con: Stance, limits: Limits) -> bool:
    """Return whether each of the two leans its own way, and plainly enough that it could decide alone."""
    leaning = pro.supports > pro.refutes and con.refutes > con.supports
    return leaning and min(pro.supports, con.refutes) >= limits.sure and pro.passage != con.passage


def _sided(label: str, best: Stance, counted: Sequence[Stance], side: str, limits: Limits) -> Verdict:
    leans, speaks = ("towards", "for") if label == TRUE else ("against", "against")
    if getattr(best, side) < limits.sure:
        why = f"What was found leans {leans} the claim, but not clearly enough."
        return Verdict(UNKNOWN, decided_by=(best.passage,), why=why)
    return Verdict(label, _parts(best, counted, side), (best.passage,), f"The evidence found speaks {speaks} it.")


def joined(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict on a claim of several parts; its trust is that of the part trusted least.

    Raises:
        UserError: if there is no part.
    """
    if not verdicts:
        raise UserError("There is no claim to judge.")
    if len(verdicts) == 1:
        return verdicts[0]
    decided_by = tuple(dict.fromkeys(name for v in verdicts for name in v.decided_by))
    known = [v for v in verdicts if v.label != UNKNOWN]
    if not known:
        whys = list(dict.fromkeys(v.why for v in verdicts if v.decided_by)) or [
            "Nothing found says whether this is so."
        ]
        return Verdict(UNKNOWN, decided_by=decided_by, why=" ".join(whys), withheld=any(v.withheld for v in verdicts))
    label, parts, said = _of_known(verdicts, known)
    held = list(dict.fromkeys(v.why for v in verdicts if v.withheld))
    return Verdict(label, parts, decided_by, " ".join([said, *held]), label == UNKNOWN and bool(held))


def _of_known(verdicts: Sequence[Verdict], known: Sequence[Verdict]) -> tuple[str, Mapping[str, float], str]:
    """Return the verdict on the whole where one is given on some part, what its trust is made of, and why."""
    labels = {v.label for v in verdicts}
    parts = min(known, key=lambda v: v.trust).parts
    if len(labels) == 1:
        return known[0].label, parts, f"All {len(verdicts)} parts: {known[0].why}"
    if labels == {TRUE, UNKNOWN}:  # the trust in one part would be read as that in the whole
        return UNKNOWN, {}, f"The evidence speaks for a part of it; {_silent(verdicts)} on the rest."
    if labels == {FALSE, UNKNOWN}:
        return FALSE, parts, "The evidence speaks against a part of it."
    return MISLEADING, parts, "Its parts get different verdicts; see each below."


def _silent(verdicts: Sequence[Verdict]) -> str:
    return "no verdict is given" if any(v.withheld for v in verdicts) else "nothing certain was found"


def softened(claim: str) -> str | None:
    """Return the claim without its absolute words, or None where it has none; "cures" becomes "helps with".

    A claim that denies has no weaker one here: without its "never" it says the opposite, and "not completely" is weaker
    than "not".
    """
    if _DENIES.search(claim):
        return None
    mild = _ABSOLUTE.sub("", claim)
    mild = _CURE.sub(lambda found: _helped(found[0]), mild)
    mild = re.sub(r"\s{2,}", " ", mild).strip()
    return mild if mild != claim.strip() and _WORD.search(mild) else None


def atomic(text: str, most: int = 8) -> list[str]:
    """Return the claims a text makes, one a sentence, a conclusion ("so you don't need…") apart; no questions.

    Raises:
        UserError: if nothing in it is a claim, or there are more than `most`.
    """
    found = [part for part in parts_of(text) if is_claim(part)]
    if not found:
        raise UserError("Please write the claim as a statement, for example: Garlic lowers blood pressure.")
    if len(found) > most:
        raise UserError(f"This text makes {len(found)} claims; at most {most} can be checked at once.")
    return found


def parts_of(text: str) -> list[str]:
    """Return all that a text says, claims and questions alike, in its order."""
    return [part for sentence in _sentences(text) for part in _concluded(sentence)]


def is_claim(part: str) -> bool:
    """Return whether a part of a text states something."""
    return not part.endswith("?") and len(_WORD.findall(part)) >= 2


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text: a line that goes on in lower case, or after an abbreviation, is the same one."""
    text = _LISTED.sub("", _WRAPPED.sub(" ", text))
    found, start = [], 0
    for border in _PARTS.finditer(text):
        part = text[start : border.start()]
        if "\n" in border[0] or not ABBREVIATED.search(part):
            found.append(part)
            start = border.end()
    return [part.strip() for part in (*found, text[start:]) if part.strip()]


def _concluded(sentence: str) -> list[str]:
    first, mark, rest = sentence, "", ""
    if found := _SO.search(sentence):
        first, mark, rest = sentence[: found.start()], found[1].lower(), sentence[found.end() :]
    if sentence.endswith("?") or mark in ("", "and") or len(_WORD.findall(first)) < 3:
        return [sentence]
    return [f"{first.strip().rstrip('.,')}.", f"{rest.strip()[:1].upper()}{rest.strip()[1:]}"]


def _counted(stances: Sequence[Stance], limits: Limits) -> list[Stance]:
    return [s for s in stances if s.near >= limits.near and s.says >= limits.speaks]


def _parts(best: Stance, counted: Sequence[Stance], side: str) -> dict[str, float]:
    """Return the parts of the trust score: how near, how plainly said, how undisputed, how strong a source."""
    mine = max(s.weight * getattr(s, side) for s in counted)
    other = max(s.weight * (s.refutes if side == "supports" else s.supports) for s in counted)
    return {
        "retrieval": best.near,
        "entailment": getattr(best, side),
        "agreement": mine / (mine + other) if mine + other else 0.0,
        "source": TIERS.get(best.kind, OTHER),
    }


def _helped(word: str) -> str:
    form = "helped with" if word.lower().endswith("ed") else "helps with" if word.lower().endswith("s") else "help with"
    return form.capitalize() if word[0].isupper() else form
