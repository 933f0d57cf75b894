"""Checks claims against evidence: search, ask the verifier about each passage, apply the rule of tasks/verdict.

Knows nothing of files, indexes or pages: it is handed a function that searches and one that answers Examples. What is
retrieved is data: it is read by the verifier, quoted, and never followed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import compress

from models.english import english_only
from tasks.amounts import PRESSURE, amounts, other_amounts
from tasks.apostrophes import apostrophised
from tasks.dialogue import subject
from tasks.evidence import Asked, Checked, Evidence, Found, Judged, Known
from tasks.health_claims import REFUTES, SUPPORTS
from tasks.kinds import of_another_kind
from tasks.passage import read, told
from tasks.pointing import points, spelled_out
from tasks.restraint import restrained
from tasks.spec import Example, Prediction
from tasks.verdict import Limits, Stance, Verdict, atomic, decide, is_claim, joined, parts_of, softened

Search = Callable[[str, int], Sequence[Found]]
Answer = Callable[[Sequence[Example]], Sequence[Prediction]]

Familiar = Callable[[Sequence[Asked]], Sequence[Known | None]]

TAKEN = 8
"""Passages asked about for each claim."""


def check(
    text: str,
    search: Search,
    answer: Answer,
    limits: Limits | None = None,
    taken: int = TAKEN,
    pointing: bool = True,
    familiar: Familiar | None = None,
) -> Checked:
    """Return the verdict on every claim a text makes; none on one that is not English.

    `familiar` says what is known of claims that are worded alike; without it, or where it knows nothing, what `answer`
    says of a passage stands.
    Without `pointing` nobody is asked which sentence of a passage decided: the one nearest in words is named. Where
    answers come without shares there is no trust score to be had.

    Raises:
        UserError: if the text makes no claim, or too many.
    """
    text = apostrophised(text)
    atomic(text)  # says what is wrong with a text that makes no claim, or too many
    parts = parts_of(text)
    claims = [spelt for part, spelt in zip(parts, spelled_out(parts), strict=True) if is_claim(part)]
    jobs = [(claim, softened(claim), _found(claim, before, search, taken)) for claim, before in claims]
    asked = [
        Example(text=words, context=f.text)
        for claim, mild, found in jobs
        for words in _words(claim, mild)
        for f in found
    ]
    answers = list(answer(asked)) if asked else []
    places = [(words, f) for claim, mild, found in jobs for words in _words(claim, mild) for f in found]
    said = iter(_stances(places, answers, familiar))
    judged = []
    for claim, mild, found in jobs:
        stances, *weaker = [[next(said) for _ in found] for _ in _words(claim, mild)]
        speaking = _speaking(claim, found)
        verdict = decide(
            list(compress(stances, speaking)), list(compress(weaker[0], speaking)) if weaker else (), limits
        )
        verdict = restrained(claim, verdict, " ".join(f.text for f in found if f.id in verdict.decided_by))
        said_of_it = [s if ok else s.silent() for s, ok in zip(stances, speaking, strict=True)]
        judged.append(Judged(claim, verdict, _ranked(claim, found, said_of_it, verdict)))
    source, graded = answers[0].source if answers else "", all(one.graded for one in answers)
    if not graded:
        judged = [replace(j, verdict=replace(j.verdict, parts={})) for j in judged]
    whole = joined([j.verdict for j in judged])
    shown = tuple(_with_sentences(judged, answer) if pointing else judged)
    return english_only(text, Checked(whole, shown, source, graded))


def _found(claim: str, before: str, search: Search, taken: int) -> Sequence[Found]:
    """Return what was found for a claim: one that names little of its own is about what stands before it.

    Where a pronoun could not be put into words, only passages that name what stood before it can speak of the claim.
    """
    named = subject(before)
    leans = points(claim)
    if not named or (len(subject(claim)) > 1 and not leans):
        return search(claim, taken)
    found = search(f"{claim} ({' '.join(named)})", taken)
    return [f for f in found if set(named) & set(subject(f.text))] if leans else found


def _speaking(claim: str, found: Sequence[Found]) -> list[bool]:
    """Return for each passage whether it can speak of the claim's kinds and amounts.

    What is said of vitamin C says nothing of vitamin D. Where one passage names all amounts, what is said of others
    says nothing: "93% after one dose" does not refute "97% after two". What is said of one blood
    pressure says nothing of another.
    """
    fitting = [not of_another_kind(claim, f"{f.title} {f.text}") for f in found]
    named = amounts(claim)
    pressed = any(kind == PRESSURE for kind, _ in named)
    if not named or not (pressed or any(named <= amounts(f.text) for f in found)):
        return fitting
    return [fits and not other_amounts(claim, f.text) for fits, f in zip(fitting, found, strict=True)]


def _words(claim: str, mild: str | None) -> list[str]:
    return [claim] if mild is None else [claim, mild]


def _stances(
    places: Sequence[tuple[str, Found]], answers: Sequence[Prediction], familiar: Familiar | None
) -> list[Stance]:
    """Return what each passage says of its claim: where its words alone tell, no model has to judge it."""
    heard = [(said.scores[SUPPORTS], said.scores[REFUTES]) for said in answers]
    asked = [Asked(words, f.id, *shares) for (words, f), shares in zip(places, heard, strict=True)]
    known = familiar(asked) if familiar else [None] * len(asked)
    out = []
    for (words, found), (supports, refutes), seen in zip(places, heard, known, strict=True):
        plain = told(words, found.text)
        like = ""
        if plain is not None:
            supports, refutes = float(plain), float(not plain)
        elif seen is not None:
            supports, refutes, like = seen.supports, seen.refutes, seen.said
        out.append(Stance(found.id, found.near, supports, refutes, found.kind, like=like))
    return out


def _ranked(claim: str, found: Sequence[Found], stances: Sequence[Stance], verdict: Verdict) -> tuple[Evidence, ...]:
    """Return the evidence: what decided first, then by weight and by how plainly it speaks."""
    pairs = sorted(
        zip(found, stances, strict=True),
        key=lambda pair: (pair[0].id not in verdict.decided_by, -pair[1].weight * max(pair[1].says, 0.05)),
    )
    return tuple(Evidence(f, s, next(iter(read(claim, f.text, 1)), f.text)) for f, s in pairs)


def _with_sentences(judged: Sequence[Judged], answer: Answer) -> list[Judged]:
    """Return the claims with the sentence of each deciding passage that says most plainly what the passage says."""
    places = [
        (j, e, sentence)
        for j in judged
        for e in j.evidence
        if e.found.id in j.verdict.decided_by
        for sentence in read(j.claim, e.found.text)
    ]
    if not places:
        return list(judged)
    said = answer([Example(text=j.claim, context=sentence) for j, _, sentence in places])
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for (j, e, sentence), found in zip(places, said, strict=True):
        side = SUPPORTS if e.stance.supports >= e.stance.refutes else REFUTES
        best[j.claim, e.found.id] = max(best.get((j.claim, e.found.id), (-1.0, "")), (found.scores[side], sentence))
    return [
        Judged(
            j.claim,
            j.verdict,
            tuple(
                Evidence(e.found, e.stance, best[j.claim, e.found.id][1]) if (j.claim, e.found.id) in best else e
                for e in j.evidence
            ),
        )
        for j in judged
    ]
