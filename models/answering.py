"""Answers a question with sentences that stand in its sources, quoted and cited, or says that it found none.

Nothing is invented: whatever is said of medicine is a sentence of a source. Knows nothing of indexes, adapters or
pages: it is handed functions that search, that say how well a sentence answers, that read yes, no or maybe in what is
quoted, and that say whether a card settles the question.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from models.settling import PERSONAL, Settle, Settled, asks_plainly
from tasks.apostrophes import apostrophised
from tasks.dialogue import courteous, leant_on, matters, readable, rewritten, subject
from tasks.emergency import emergency
from tasks.evidence import Found
from tasks.kinds import of_another_kind
from tasks.medical_qa import NO, YES
from tasks.passage import sentences, stems
from tasks.referral import referred
from tasks.reply import GREEN, Candidate, Quote, Reply
from tasks.restraint import plainly_asked
from tasks.spec import Prediction, Turn
from tasks.turning import Turned, turned
from tasks.warning import first

Search = Callable[[str, int], Sequence[Found]]
Rate = Callable[[str, Sequence[Candidate]], Sequence[float]]
"""A question and sentences in, how likely each answers it (0 to 1) out."""
Decide = Callable[[str, str], Prediction]
"""A yes/no question and a text in, what the text says to it out: its label is None where that is not sure enough."""

TAKEN = 8
"""Passages whose sentences are looked at."""
MOST = 4
"""Sentences quoted at most."""
ENOUGH = 0.3
"""How likely a sentence must be to answer before it is quoted; one in four does where nothing else is known."""
WHOLE, WHOLE_ENOUGH = 0.65, 0.2
"""How near a passage of a single sentence must be for less to be enough: it was written to be quoted whole. Chosen on
one half of benchmarks/chat_questions.jsonl; benchmarks/chat.py measures the other."""
LIFT = 2.2
"""What it adds to the log-odds of a sentence that its card is meant for the question: of sentences rated 0.1 to 0.3
those of the right card were nine times as often meant (half of benchmarks/chat_questions.jsonl)."""
LONGEST = 60
"""Words of a sentence that is quoted; a longer one is no answer but a list."""
OFFERED = 0.2
"""How near a passage must be to be offered where nothing answers."""
FURTHER = 0.35
"""How near a passage must be that is not quoted, for its topic to be offered as the next question."""
EARLY = 12
"""Sentences of a passage that search found that are looked at: what it is about stands at its beginning."""

STUDIES = ("trial", "study", "review")
"""Kinds of source that a question is read as yes or no from: the reader learned on abstracts, not on guidelines."""
_YES_NO = re.compile(
    r"^\s*(is|are|was|were|do|does|did|can|could|will|would|should|has|have|may|might)\b(?! not? i\b)", re.I
)


def reply(
    question: str,
    history: Sequence[Turn],
    search: Search,
    rate: Rate,
    decide: Decide | None = None,
    enough: float = ENOUGH,
    early: int | None = EARLY,
    spell: Callable[[str], str] = str,
    settle: Settle | None = None,
) -> Iterator[Reply]:
    """Yield the reply to a question as it grows, one quotation at a time; the last one is done.

    `early` sentences of a passage are looked at; all with None, where somebody gave the passage to be read. `spell`
    puts misspelt words right; what was typed still says what is dangerous, and both say who is to be asked. `settle`
    is asked of yes/no questions that stand alone; what it finds is said first.
    """
    question = apostrophised(question)
    so_far = begun(question, history)
    if so_far.danger or so_far.done:
        yield so_far  # before anything is searched
    if so_far.done:
        return
    alone = so_far.asked.strip() == question.strip()
    asked, right = spelt(so_far.asked, spell)
    found = list(search(asked, TAKEN))
    plain = settle is not None and alone and asks_plainly(question) and asks_plainly(asked)
    settled = settle(asked, found) if settle and plain else None
    so_far = replace(so_far, asked=asked, spelt=right, settled=(settled and settled.decision.label) or "")
    picked = _picked(
        asked,
        _read(asked, found, early),
        rate,
        enough,
        turned([spell(one) for one in [*leant_on(question, history), question]]),
    )
    picked = _led(settled, found, picked)
    used = list(dict.fromkeys(place for place, _, _ in picked))
    so_far = replace(so_far, sources=tuple(found[place] for place in used))
    for place, sentence, score in picked:
        quote = Quote(sentence, used.index(place) + 1, score)
        so_far = replace(so_far, quotes=(*so_far.quotes, quote))
        yield so_far
    near = () if so_far.quotes else tuple(passage for passage in found[:3] if passage.near >= OFFERED)
    decision = settled.decision if settled else _decision(question, so_far, decide)
    yield replace(
        so_far,
        near=near,
        decision=decision,
        compared=settled.compared if settled else "",
        unsettled=plain and (decision is None or decision.label not in (YES, NO)),
        further=further(asked, found, so_far.sources),
        referral=referred(both(matters(question, history), spell), " ".join(quote.text for quote in so_far.quotes)),
        done=True,
    )


def further(asked: str, found: Sequence[Found], sources: Sequence[Found]) -> tuple[str, ...]:
    """Return the topics of what was found near a question and is no source of its answer, if they share a word with it.

    Asked about them, the chat has something to quote.
    """
    named = stems(" ".join(subject(asked)))
    said = {topic_of(source) for source in sources}
    topics = dict.fromkeys(topic_of(passage) for passage in found if passage.near >= FURTHER)
    return tuple(topic for topic in topics if topic not in said and named & stems(topic))


def topic_of(passage: Found) -> str:
    """Return what a title names; the source behind it stands in brackets."""
    return passage.title.split(" (")[0]


def _decision(question: str, so_far: Reply, decide: Decide | None) -> Prediction | None:
    """Return what the quoted studies say to a yes/no question; None where it is none, or something else is quoted."""
    # A yes or no is read from what speaks of those who were asked about: a trial in pregnancy is no answer for all.
    beside = so_far.beside
    fitting = " ".join(quote.text for quote in so_far.quotes if quote.source not in beside)
    studied = all(source.kind in STUDIES for source in so_far.sources)
    yes_no = _YES_NO.search(question) and not PERSONAL.search(question) and plainly_asked(so_far.asked)
    return decide(so_far.asked, fitting) if decide and fitting and studied and yes_no else None


def _led(
    settled: Settled | None, found: Sequence[Found], picked: list[tuple[int, str, float]]
) -> list[tuple[int, str, float]]:
    """Return what is quoted with the sentence that settles the question before everything else."""
    if settled is None:
        return picked
    place = next(i for i, passage in enumerate(found) if passage.id == settled.passage.id)
    scores = [score for _, sentence, score in picked if sentence == settled.sentence]
    rest = [row for row in picked if row[1] != settled.sentence]
    return [(place, settled.sentence, max([settled.trust / 100, *scores])), *rest][:MOST]


def begun(question: str, history: Sequence[Turn]) -> Reply:
    """Return the reply before anything is searched for: done where nothing is asked, or nothing can be read."""
    question = apostrophised(question)
    if courteous(question):
        return Reply(question, done=True, courtesy=True)
    danger = emergency(question)
    if not readable(question):
        return Reply(question, danger, referral=referred(question, ""), done=True, unread=True)
    return Reply(rewritten(question, history), danger)


def spelt(typed: str, spell: Callable[[str], str]) -> tuple[str, tuple[str, ...]]:
    """Return a question with its misspelt words put right, and the words that stand instead of them."""
    asked = spell(typed)
    right = dict.fromkeys(word for word in asked.split() if word not in typed.split())
    return asked, tuple(word.strip(".,;:?!()") for word in right)


def both(text: str, spell: Callable[[str], str]) -> str:
    """Return a text as it was typed and, where that differs, as it was meant."""
    return "\n".join(dict.fromkeys([text, spell(text)]))


def lifted(score: float) -> float:
    """Return how likely a sentence answers whose card is meant for the question, from how likely its words say so."""
    odds = math.exp(LIFT) * score / max(1.0 - score, 1e-9)
    return odds / (1.0 + odds)


def shown(score: float, meant: bool) -> float:
    """Return what a sentence is ranked by and shown with: of a meant card more than its words say, but never green."""
    return max(score, GREEN * lifted(score)) if meant else score


def _picked(
    asked: str, found: Sequence[tuple[Found, list[str]]], rate: Rate, enough: float, about: Turned
) -> list[tuple[int, str, float]]:
    """Return the sentences to quote as (place of the passage, sentence, score): the best passage's first, in order.

    One that names nothing of what a follow-up turned to, under its title and behind the sentence before it, would
    answer the question of before.
    """
    rows: list[tuple[int, int, str]] = []
    seen: set[str] = set()
    bar = [enough] * len(found)
    for place, (passage, said) in enumerate(found):
        if len(said) == 1 and passage.near >= WHOLE:
            bar[place] = min(enough, WHOLE_ENOUGH)
        for at, sentence in enumerate(said):
            if sentence in seen or not quotable(sentence):
                continue
            if about.fits(" ".join([passage.title, *said[max(at - 1, 0) : at + 1]])):
                seen.add(sentence)
                rows.append((place, at, sentence))
    if not rows:
        return []
    rated = rate(asked, [Candidate(found[place][0].title, sentence) for place, _, sentence in rows])
    good = [
        (shown(float(score), found[place][0].meant), place, at, sentence)
        for (place, at, sentence), score in zip(rows, rated, strict=True)
        if (lifted(score) if found[place][0].meant else score) >= bar[place]
    ]
    best = sorted(
        (score * (0.5 + 0.5 * found[place][0].near), score, place, at, said) for score, place, at, said in good
    )
    best = best[::-1][:MOST]
    if not best:
        return []
    lead = best[first([(sentence, rank) for rank, _, _, _, sentence in best])]
    order = list(dict.fromkeys(place for _, _, place, _, _ in (lead, *best)))
    chosen = sorted(best, key=lambda row: (order.index(row[2]), row[3]))
    return [(place, sentence, score) for _, score, place, _, sentence in chosen]


def _read(asked: str, found: Sequence[Found], early: int | None) -> list[tuple[Found, list[str]]]:
    """Return each passage with the sentences of it that are looked at: none that speaks of another kind."""
    out = []
    for passage in found:
        said = sentences(passage.text)[:early]
        other = of_another_kind(asked, " ".join([passage.title, *said]))
        out.append((passage, [one for one in said if not other and not of_another_kind(asked, one)]))
    return out


def quotable(sentence: str) -> bool:
    """Return whether a sentence could stand as an answer: no question, no heading and no list."""
    return 4 <= len(sentence.split()) <= LONGEST and not sentence.endswith("?")
