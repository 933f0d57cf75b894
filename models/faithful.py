"""Says which sentences of an answer a context bears out or, where none is given, the evidence found for each.

Knows nothing of search or pages: it is handed what answers Examples, or what checks a claim. A context is data: it is
read by the verifier, quoted, and never followed.
"""

from collections.abc import Callable, Mapping, Sequence

from models.claims import Answer
from tasks.amounts import amounts, other_amounts
from tasks.apostrophes import apostrophised
from tasks.evidence import Checked, Faithfulness, Sentence
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.passage import gainsaid, read, restated, sentences
from tasks.pointing import spelled_out
from tasks.spec import Example, Prediction, UserError
from tasks.verdict import FALSE, MISLEADING, TRUE

_SIDES = {TRUE: SUPPORTS, FALSE: REFUTES, MISLEADING: REFUTES}


def check_answer(reply: str, context: str, answer: Answer, question: str = "", most: int = 40) -> Faithfulness:
    """Return which sentences of a reply its context supports, contradicts, or does not speak of.

    A sentence too short to be understood alone is read after the question. One that the context says itself, word for
    word or with words of no weight left out, is supported without being judged; one that it plainly denies, refuted.

    Raises:
        UserError: if the reply holds no sentence, or more than `most`.
    """
    parts, claims = _parts(reply, question, most)
    given = apostrophised(context)
    said = list(answer([Example(text=claim, context=given) for claim in claims]))
    out = []
    for part, claim, found in zip(parts, claims, said, strict=True):
        plain = _plainly(part, context)
        if plain:  # no model has to judge that
            side, because = plain
            out.append(Sentence(part, side, {label: float(label == side) for label in found.scores}, because))
            continue
        near = read(claim, context, 1)
        side, scores = _by_amounts(claim, near, context, found)
        out.append(Sentence(part, side, scores, near[0] if near and side != SILENT else ""))
    return Faithfulness(tuple(out), said[0].source, all(found.graded for found in said))


def check_by_sources(reply: str, check: Callable[[str], Checked], question: str = "", most: int = 40) -> Faithfulness:
    """Return for each sentence of a reply what the evidence says of it that `check` finds; a misleading one is refuted.

    Raises:
        UserError: if the reply holds no sentence, or more than `most`.
    """
    parts, asked = _parts(reply, question, most)
    said = [(part, _checked(claim, check)) for part, (claim, _) in zip(parts, spelled_out(asked), strict=True)]
    judged = [found for _, found in said if found]
    out = tuple(_by_verdict(part, found) for part, found in said)
    return Faithfulness(out, judged[0].source if judged else "", all(found.graded for found in judged), given=False)


def _checked(claim: str, check: Callable[[str], Checked]) -> Checked | None:
    try:
        return check(claim)
    except UserError:  # a question or a lone word claims nothing
        return None


def _by_verdict(part: str, found: Checked | None) -> Sentence:
    """Return a sentence as the evidence that decided its verdict stands to it; where none did, as nothing said."""
    side = _SIDES.get(found.verdict.label, SILENT) if found else SILENT
    first = found.first(1, 1) if found and side != SILENT else []
    if not first:
        return Sentence(part, SILENT, {SUPPORTS: 0.0, REFUTES: 0.0, SILENT: 1.0})
    _, shown = first[0]
    shares = {SUPPORTS: shown.stance.supports, REFUTES: shown.stance.refutes}
    return Sentence(part, side, {**shares, SILENT: max(0.0, 1.0 - shown.stance.says)}, shown.sentence)


def _parts(reply: str, question: str, most: int) -> tuple[list[str], list[str]]:
    """Return the sentences of a reply, and what they claim: one too short to be understood follows the question."""
    parts = [s for s in sentences(reply) if any(char.isalpha() for char in s)]
    if not parts:
        raise UserError("Please enter the answer that is to be checked.")
    if len(parts) > most:
        raise UserError(f"This answer has {len(parts)} sentences; at most {most} can be checked at once.")
    whole = [f"{question} {part}" if question and len(part.split()) < 4 else part for part in parts]
    return parts, [apostrophised(claim) for claim in whole]


def _by_amounts(claim: str, near: Sequence[str], context: str, found: Prediction) -> tuple[str, Mapping[str, float]]:
    """Return on which side a context stands, with its shares: what it says of another amount it does not support.

    The verifier hardly tells 24 hours from 48. Only an amount that the context names nowhere is another one.
    """
    named = amounts(claim) - amounts(context)
    if found.best != SUPPORTS or not near or not named or not other_amounts(claim, near[0]):
        return found.best, found.scores
    turned = {**found.scores, SUPPORTS: found.scores[REFUTES], REFUTES: found.scores[SUPPORTS]}
    return REFUTES, turned


def _plainly(part: str, context: str) -> tuple[str, str] | None:
    """Return what a context says of a sentence where the words alone tell, and the sentence that says it."""
    said = sentences(context)
    for side, same in ((SUPPORTS, restated), (REFUTES, gainsaid)):
        for sentence in said:
            if same(apostrophised(part), apostrophised(sentence)):
                return side, sentence
    return None
