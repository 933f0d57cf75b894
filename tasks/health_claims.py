"""The claim verifier: what a passage says of a claim. Pure data and functions; no verdict is given here.

The passage is read with its sentences that share most with the claim: the rest of an abstract says nothing of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tasks.contradict import contradicted, plain
from tasks.passage import read, sentences
from tasks.spec import PAIR, Data, Example, Head, Kind, Prediction, Task

SUPPORTS, REFUTES, SILENT = "supports", "refutes", "not enough"
LABELS = (SUPPORTS, REFUTES, SILENT)
_CLAIMING = 5
"""Words from which an answer is a claim of its own."""
_YES_NO = re.compile(r"^(?:yes|no)[,;]\s+", re.I)
_LONGEST = 30
"""Words of a claim made by rule: what people ask about is shorter than what papers conclude."""


def segments(example: Example) -> tuple[str]:
    """Return the one text the model reads: the claim, the mark between the two, and what was kept of the passage."""
    claim = (example.text or example.fields.get("claim", "")).replace(PAIR, " ")
    passage = " ".join(read(claim, example.context or example.fields.get("evidence", ""))).replace(PAIR, " ")
    return (f"{claim}{PAIR}{passage}",)


def from_scifact(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside the abstract that was cited for it, and what was annotated in it as a second form."""
    label = {"SUPPORT": SUPPORTS, "CONTRADICT": REFUTES, "NOT_ENOUGH_INFO": SILENT}[row["label"]]
    context = f"{row['title'].rstrip('.')}.\n{row['abstract']}"
    targets = {"stance": label, "rationale": row["rationale"]}
    return (Example(text=row["claim"], context=context, label=label, targets=targets),)


def from_check_covid(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside the annotated sentences."""
    label = {"SUPPORT": SUPPORTS, "REFUTE": REFUTES, "NOTENOUGHINFO": SILENT}[row["label"]]
    context = " ".join(part for part in (row["evidence_primary"], row["evidence_supplementary"]) if part)
    return (Example(text=row["claim"], context=context, label=label, targets={"stance": label}),)


def from_healthver(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside one statement of a paper."""
    label = {"SUPPORTS": SUPPORTS, "REFUTES": REFUTES, "NEUTRAL": SILENT}[row["label"]]
    return (Example(text=row["claim"], context=row["evidence"], label=label, targets={"stance": label}),)


def from_rationale(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside the annotated sentences alone, where there are any.

    A row without is a whole abstract that says nothing: beside short rationales its length would give the label away.
    """
    label = {"SUPPORTS": SUPPORTS, "REFUTES": REFUTES}.get(row["label"])
    if not label or not row["rationale"]:
        return ()
    return (Example(text=row["claim"], context=row["rationale"], label=label, targets={"stance": label}),)


def from_misconception(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return what people wrongly and rightly believe beside the answer to the question: refuted and supported.

    Two of each at most, so that no question outweighs the others; answers of a few words claim nothing alone.
    """
    question, answer = row["Question"].strip(), _said(row["Best Answer"])
    if len(answer.split()) < _CLAIMING:
        return ()
    context = f"{question} {answer}."
    out = []
    for column, label in (("Incorrect Answers", REFUTES), ("Correct Answers", SUPPORTS)):
        claims = dict.fromkeys(_said(part) for part in row[column].split("; "))
        told = [claim for claim in claims if len(claim.split()) >= _CLAIMING and claim != answer]
        out += [Example(text=f"{t}.", context=context, label=label, targets={"stance": label}) for t in told[:2]]
    return tuple(out)


def _said(answer: str) -> str:
    """Return an answer as a statement: without a yes or no before it, which would tell what it is worth."""
    return _YES_NO.sub("", answer.strip().rstrip("."))


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
    pairs = [(title, body[-1]), (end, f"{title}.")] if 6 <= len(title.split()) <= _LONGEST else []
    turnable = [
        i for i in range(1, len(body)) if len(plain(body[i]).split()) <= _LONGEST and contradicted(body[i], name)
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
    short = [i for i in range(1, len(body) - 1) if 7 <= len(stated[i].split()) <= _LONGEST]
    quoted = max(short, key=lambda i: (contradicted(stated[i], name) is not None, -len(stated[i])), default=None)
    pairs = [(stated[-1], body[:-1])] if len(stated[-1].split()) <= _LONGEST else []
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


def forms(example: Example) -> Sequence[tuple[float, Example]]:
    """Return the forms a training row is seen in: beside the whole passage, or beside its annotated sentences alone."""
    rationale = example.targets.get("rationale")
    if not rationale:
        return ((1.0, example),)
    alone = replace(example, context=str(rationale))
    return ((0.6, example), (0.4, alone))


def _claim_only(example: Example) -> Example:
    return replace(example, context="")


def _passage_only(example: Example) -> Example:
    return replace(example, text="")


def output(prediction: Prediction) -> dict[str, Any]:
    """Return the columns a row gains where a claim was judged against the evidence of its own row."""
    shares = {f"p_{label.replace(' ', '_')}": round(prediction.scores[label], 4) for label in LABELS}
    return {"label": prediction.best, **shares, "abstained": prediction.abstained}


TASK = Task(
    name="health_claims",
    title="Claim check",
    kind=Kind.CLAIMS,
    intro="What a passage says of a claim: it supports it, it refutes it, or it does not say enough.",
    caution="Not a substitute for the source, nor for a professional who knows the person. It reads the sentences it "
    "is given, knows nothing else, and mistakes a careful wording for a plain one.",
    labels=LABELS,
    heads=(Head("stance", LABELS),),
    fold={label: (label,) for label in LABELS},
    slots=("claim", "evidence"),
    segments=segments,
    windows=True,
    data=(
        Data(
            name="scifact",
            folder="scifact",
            files={"train": "pairs_train.csv.gz", "test": "pairs_dev.csv.gz"},
            license="claims and annotations CC BY 4.0, abstracts ODC-By 1.0 "
            "(the authors' LICENSE; the Hub card says CC BY-NC 2.0)",
            ships=True,
            to_examples=from_scifact,
            repo="allenai/scifact_entailment",
            note="Wadden et al., EMNLP 2020. Test labels were never released: dev is the test set here.",
        ),
        Data(
            name="check_covid",
            folder="check_covid",
            files={"train": "train.csv.gz", "validation": "dev.csv.gz", "test": "test.csv.gz"},
            license="MIT",
            ships=True,
            to_examples=from_check_covid,
            role="extra",
            note="Wang et al., Findings of ACL 2023.",
        ),
        Data(
            name="scifact_abstracts",
            folder="scifact",
            files={"train": "corpus.jsonl.gz"},
            license="ODC-By 1.0",
            ships=True,
            to_examples=from_abstract,
            role="extra",
            foil=SILENT,
            apart=("pairs_dev.csv.gz", "doc_id"),
            note="Claims made by rule from abstracts: conclusions, sentences, their opposites; abstracts cited by a "
            "test claim left out.",
        ),
        Data(
            name="scifact_sentences",
            folder="scifact",
            files={"train": "corpus.jsonl.gz"},
            license="ODC-By 1.0",
            ships=True,
            to_examples=from_sentences,
            role="extra",
            foil=SILENT,
            apart=("pairs_dev.csv.gz", "doc_id"),
            note="Claims made by rule from single sentences and titles of the same abstracts, and their opposites.",
        ),
        Data(
            name="pubmedqa_conclusions",
            folder="pubmedqa",
            files={"train": "train.jsonl.gz"},
            license="MIT",
            ships=True,
            to_examples=from_pubmedqa,
            role="extra",
            foil=SILENT,
            note="Jin et al., EMNLP-IJCNLP 2019; claims made by rule from the conclusions of training rows.",
        ),
        Data(
            name="misconceptions",
            folder="truthfulqa",
            files={"train": "truthfulqa.csv.gz"},
            license="Apache-2.0",
            ships=True,
            to_examples=from_misconception,
            role="extra",
            foil=SILENT,
            note="TruthfulQA, Lin et al., ACL 2022: wrong and right answers beside the best one.",
        ),
        Data(
            name="healthver",
            folder="healthver",
            files={"train": "dev.csv.gz", "test": "test.csv.gz"},
            license="none stated; research and evaluation only",
            ships=False,
            to_examples=from_healthver,
            role="measure",
            note="Sarrouti et al., Findings of EMNLP 2021.",
        ),
        Data(
            name="healthver_statements",
            folder="healthver",
            files={"train": "dev.csv.gz", "test": "test.csv.gz"},
            license="none stated; research and evaluation only",
            ships=False,
            to_examples=from_healthver,
            note="The same statements to learn from and be scored on.",
        ),
        Data(
            name="healthver_rationales",
            folder="healthver",
            files={"train": "abstract_pairs_train.csv.gz"},
            license="none stated; research and evaluation only",
            ships=False,
            to_examples=from_rationale,
            role="extra",
            note="Annotated sentences of its training abstracts (Wadden et al., Findings of NAACL 2022).",
        ),
    ),
    samples=(
        Example(
            text="Vitamin C prevents COVID-19.",
            context="Trials of vitamin C found no evidence that it prevents infection with the virus.",
        ),
        Example(
            text="Low-dose aspirin lowers the risk of pre-eclampsia in women at high risk.",
            context="In women at high risk, daily low-dose aspirin reduced the number who developed pre-eclampsia.",
        ),
    ),
    columns={"claim": ("claim", "statement"), "evidence": ("evidence", "passage", "context")},
    output=output,
    shortcuts={"claim only": _claim_only, "passage only": _passage_only},
    unit="claims",
    order=40,
)
