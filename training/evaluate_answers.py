"""Measures the chat's answers: the founding study's table on PubMedQA, consumers' questions, and unanswerable ones.

python -m training.evaluate medical_qa [--rows 200] [--only liveqa] [--generator mistral-7b-instruct]

Contenders on PubMedQA are the decision "always yes" and the retrieval answerer, with the abstract given and with what
search finds, and any generator, fed with the same. A generator also sits the exams. Knows nothing of runs.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.answering import EARLY, Rate, reply
from models.checker import Checker, meant, spelled
from models.faithful import check_answer
from tasks.evidence import Faithfulness, Found
from tasks.medical_qa import LABELS, MAYBE, YES
from tasks.spec import Example, UserError
from training import data, evaluate_choices, statistics
from training.calibrate import confusion
from training.contenders import Contender
from training.fit_rating import SHARE, place
from training.report import Sheet
from training.text_scores import bert_score, rouge

DRAWS = 1000
GOOD = 3
"""The judgment, of 4, from which a passage answers: correct, if not complete."""


def write(
    path: Path, checker: Checker, rate: Rate, most: int, say: Callable[[str], object], only: Sequence[str] = ()
) -> None:
    """Measure, say each figure as it comes, and write them all; with `only` the other sets keep what they had.

    Raises:
        UserError: if `only` names a set that is none of these.
    """
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "pubmedqa_context_given": lambda: pubmedqa(checker, rate, most, given=True),
        "pubmedqa_retrieved": lambda: pubmedqa(checker, rate, most, given=False),
        "liveqa": lambda: liveqa(checker, most),
        "medhalt_fake": lambda: answered(checker, fake_questions(most)),
        "medquad": lambda: answered(checker, real_questions(most)),
    }
    if unknown := [name for name in only if name not in measures]:
        raise UserError(f"No such set: {', '.join(unknown)}. There are {', '.join(measures)}.")
    report: dict[str, Any] = json.loads(path.read_text()) if only and path.is_file() else {}
    for name in only or measures:
        report[name] = measures[name]()
        say(f"{name}: {json.dumps(report[name])}\n")
        path.write_text(json.dumps(report, indent=1) + "\n")


def write_generator(
    path: Path, checker: Checker, rate: Rate, who: Contender, most: int, say: Callable[[str], object]
) -> None:
    """Measure a generator beside the others on PubMedQA, and on the exams whose questions are here."""
    report: dict[str, Any] = {"rows_at_most": most, "generator": who.name}
    measures = {
        "pubmedqa_context_given": lambda: pubmedqa(checker, rate, most, True, who),
        "pubmedqa_retrieved": lambda: pubmedqa(checker, rate, most, False, who),
    } | {
        name: lambda name=name: evaluate_choices.measure(evaluate_choices.questions(name, most), who)
        for name in evaluate_choices.SETS
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, measure in measures.items():
        try:
            report[name] = measure()
        except UserError as error:  # a set that is not here must not cost the others
            report[name] = {"not_measured": str(error)}
        say(f"{name}: {json.dumps(report[name])}\n")
        path.write_text(json.dumps(report, indent=1) + "\n")


def pubmedqa(checker: Checker, rate: Rate, most: int, given: bool, who: Contender | None = None) -> dict[str, Any]:
    """Return the founding study's table on the test rows: decisions and answers, each with its interval.

    A generator reads what the retrieval answerer cites, or the abstract where that is given; where nothing is found it
    is not asked, as in the chat.
    """
    rows = list(data.raw(data.DATA_DIR / "pubmedqa" / "test.jsonl.gz"))[: most or None]
    right = [row["final_decision"] for row in rows]
    replies, decided = [], []
    for row in rows:
        own = Found("abstract", "\n".join(row["contexts"]), 1.0)
        search = (lambda q, k, own=own: [own]) if given else meant(checker.finder)
        *_, last = reply(
            row["question"], (), search, rate, early=None if given else EARLY, spell=str if given else spelled
        )
        replies.append(last)
        text = own.text if given else " ".join(found.text for found in last.sources)
        decided.append(checker.decide(row["question"], text).best if text else MAYBE)
    contexts = [
        "\n".join(row["contexts"] if given else (source.text for source in r.sources))
        for row, r in zip(rows, replies, strict=True)
    ]
    said = [" ".join(quote.text for quote in r.quotes) for r in replies]
    out = {
        "n": len(rows),
        "always_yes": _decisions([YES] * len(rows), right),
        "decision": _decisions(decided, right),
        **_answers(said, contexts, rows, checker),
    }
    return out if who is None else out | {"generator": _generated(who, contexts, rows, checker)}


def _generated(
    who: Contender, contexts: Sequence[str], rows: Sequence[Mapping[str, Any]], checker: Checker
) -> dict[str, Any]:
    """Return the same table of a generator: its labels by their likelihood, its answers as it writes them."""
    asked = [Example(row["question"], context=context) for row, context in zip(rows, contexts, strict=True)]
    able = [example for example in asked if example.context]
    labels = iter(who.decide(able))
    decided = [next(labels) if example.context else MAYBE for example in asked]
    said = [who.write(example) if example.context else "" for example in asked]
    return {
        "name": who.name,
        "decision": _decisions(decided, [row["final_decision"] for row in rows]),
        **_answers(said, contexts, rows, checker),
    }


def _answers(
    said: Sequence[str], contexts: Sequence[str], rows: Sequence[Mapping[str, Any]], checker: Checker
) -> dict[str, Any]:
    """Return how near answers come to the authors' conclusions, and whether their contexts bear them out."""
    truth = [row["long_answer"] for row in rows]
    scores = {**rouge(said, truth), "bertscore_f1": bert_score(said, truth)}
    checks = [_checked(*one, checker) for one in zip(said, contexts, (r["question"] for r in rows), strict=True)]
    kept = [check for check in checks if check is not None]
    return {
        "answered": sum(bool(text.strip()) for text in said) / max(len(said), 1),
        **{name: _with_interval(values) for name, values in scores.items()},
        "faithfulness": _with_interval(np.array([c.supported for c in kept])),
        "hallucination_rate": _with_interval(np.array([c.hallucinated for c in kept])),
    }


def _checked(said: str, context: str, question: str, checker: Checker) -> Faithfulness | None:
    """Return what bears an answer out; None where it says nothing that could be checked."""
    try:
        return check_answer(said, context, checker.verify, question)
    except UserError:
        return None


def _decisions(said: Sequence[str], right: Sequence[str]) -> dict[str, Any]:
    spots = {label: i for i, label in enumerate(LABELS)}
    sheet = Sheet(LABELS, confusion(len(LABELS), [spots[r] for r in right], [spots[s] for s in said]))
    each = sheet.per_class
    weighted = sum(each[label]["f1"] * each[label]["support"] for label in LABELS) / sheet.n
    return {**sheet.numbers(), "weighted_f1": weighted, "confusion": [list(row) for row in sheet.confusion]}


def liveqa(checker: Checker, most: int) -> dict[str, Any]:
    """Return how often what a consumer's raw message is shown first was judged to answer it (3 or 4 of 4).

    `first_source` is the first source cited by an answer, `first_shown` that or, where nothing was answered, the first
    of those offered as near. Judged are those that NIST's assessors saw; what they did not see counts for neither.
    """
    asked = list(data.raw(data.DATA_DIR / "liveqa_med" / "questions.jsonl.gz"))[: most or None]
    judged: dict[str, dict[str, int]] = {}
    for row in data.raw(data.DATA_DIR / "medquad" / "liveqa_judgments.csv.gz"):
        if row["passage_id"]:
            judged.setdefault(row["liveqa_question"], {})[row["passage_id"]] = int(row["judgment"])
    cited, first, shown = 0, [], []
    for row in asked:
        *_, last = checker.ask(row["message"] or row["subject"], ())
        cited += bool(last.sources)
        marks = judged.get(str(row["qid"]), {})
        first += _good(last.sources[:1], marks)
        shown += _good((last.sources or last.near)[:1], marks)
    return {
        "n": len(asked),
        "cited": cited,
        "first_source_judged": len(first),
        "graded_hit": _with_interval(np.array(first, float)),
        "graded_hit_first_shown": _with_interval(np.array(shown, float)),
    }


def _good(shown: Sequence[Found], marks: Mapping[str, int]) -> list[bool]:
    """Return of each passage that was judged whether it answers; the judgments leave out the index it lies in."""
    ids = [source.id.partition("/")[2] or source.id for source in shown]
    return [marks[id] >= GOOD for id in ids if id in marks]


def fake_questions(most: int) -> list[str]:
    """Return questions about things that do not exist."""
    rows = list(data.raw(data.DATA_DIR / "medhalt_fake" / "reasoning_fake.jsonl.gz"))
    random.Random(5).shuffle(rows)
    return [row["question"] for row in rows[: most or None]]


def real_questions(most: int) -> list[str]:
    """Return MedQuAD questions on whose focuses nothing was fitted."""
    rows = [q for q in data.raw(data.DATA_DIR / "medquad" / "questions.jsonl.gz") if place(q["focus"]) >= SHARE]
    random.Random(5).shuffle(rows)
    return [row["question"] for row in rows[: most or None]]


def answered(checker: Checker, questions: Sequence[str]) -> dict[str, Any]:
    """Return the share of questions that got an answer; the rest was told that nothing answers it."""
    found = []
    for question in questions:
        *_, last = checker.ask(question[:2000], ())
        found.append(float(bool(last.quotes)))
    return {"n": len(found), "answered": _with_interval(np.array(found))}


def _with_interval(values: np.ndarray) -> dict[str, Any]:
    if not len(values):
        return {"n": 0, "value": None}
    draws = np.random.default_rng(1).choice(values, (DRAWS, len(values))).mean(1)
    return {"n": len(values), "value": float(values.mean()), "interval_95": list(statistics.interval(draws))}
