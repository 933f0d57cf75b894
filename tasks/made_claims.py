"""Claims made by rule from abstracts, for the verifier to learn from before it reads claims that people wrote.

Knows nothing of files, splits or models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tasks.contradict import contradicted, plain
from tasks.passage import read, sentences
from tasks.spec import Example
from tasks.stance import REFUTES, SUPPORTS

LONGEST = 30
"""Words of a claim made by rule: what people ask about is shorter than what papers conclude."""


def from_abstract(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return claims made from an abstract by rule: its conclusion beside the rest, a sentence, and their opposites.

    An abstract's results speak for its conclusion and against the conclusion turned round. A foil's passage, which
    says nothing of the claim, is another abstract: whoever loads the set adds it.
    """
    return claims_of(str(row["doc_id"]), row["title"], [s for s in row["abstract"] if len(s.split()) >= 4])


def from_sentences(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return claims beside the one or two sentences they were made from: what turns one word round must be seen.

    The title and the conclusion speak for each other in other words; a sentence speaks for itself and against itself
    turned round.
    """
    name, body = str(row["doc_id"]), [s for s in row["abstract"] if 6 <= len(s.split()) <= 45]
    if len(body) < 4:
        return ()
    title, end = row["title"].rstrip("."), plain(body[-1])
    pairs = [(title, body[-1]), (end, f"{title}.")] if 6 <= len(title.split()) <= LONGEST else []
    turnable = [
        i for i in range(1, len(body)) if len(plain(body[i]).split()) <= LONGEST and contradicted(body[i], name)
    ]
    pairs += [(plain(body[i]), f"{body[i - 1]} {body[i]}") for i in turnable[-2:]]
    out = []
    for claim, context in pairs:
        out.append(Example(text=claim, context=context, label=SUPPORTS, targets={"stance": SUPPORTS, "document": name}))
        turned = contradicted(claim, f"{name} {len(out)}")
        if turned:
            out.append(replace(out[-1], text=turned, label=REFUTES, targets={"stance": REFUTES, "document": name}))
    return tuple(out)


def from_pubmedqa(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return claims made from the authors' conclusion, which stands apart from the abstract here."""
    conclusion = sentences(row["long_answer"])
    body = [s for part in row["contexts"] for s in sentences(part)]
    return claims_of(row["pmid"], row["question"], [*body, *conclusion[:1]]) if conclusion else ()


def claims_of(name: str, title: str, body: Sequence[str]) -> tuple[Example, ...]:
    """Return up to four claims about an abstract: its conclusion and a sentence of it, as they are and turned round."""
    if len(body) < 4:
        return ()
    stated = [plain(sentence) for sentence in body]
    short = [i for i in range(1, len(body) - 1) if 7 <= len(stated[i].split()) <= LONGEST]
    quoted = max(short, key=lambda i: (contradicted(stated[i], name) is not None, -len(stated[i])), default=None)
    pairs = [(stated[-1], body[:-1])] if len(stated[-1].split()) <= LONGEST else []
    pairs += [] if quoted is None else [(stated[quoted], body)]
    out = []
    for claim, passage in pairs:
        out.append(_weak(claim, title, passage, SUPPORTS))
        turned = contradicted(claim, name)
        if turned:
            out.append(_weak(turned, title, passage, REFUTES))
    return tuple(out)


def _weak(claim: str, title: str, body: Sequence[str], label: str) -> Example:
    # Cut to what will be read: the rest only makes rows longer, and foils are found by it.
    context = f"{title.rstrip('.')}.\n{' '.join(read(claim, chr(10).join(body), 3))}"
    return Example(text=claim, context=context, label=label, targets={"stance": label})
