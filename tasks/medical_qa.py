"""Yes, no or maybe: what an abstract answers to the question it was written for. Pure data and functions.

The task is PubMedQA's: the abstract without its conclusion is given, and the reader has to conclude.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tasks.spec import PAIR, Data, Example, Head, Kind, Task

YES, NO, MAYBE = "yes", "no", "maybe"
LABELS = (YES, NO, MAYBE)


def segments(example: Example) -> tuple[str]:
    """Return the one text the model reads: the question, the mark between the two, and the context."""
    question = (example.text or example.fields.get("question", "")).replace(PAIR, " ")
    context = (example.context or example.fields.get("context", "")).replace(PAIR, " ")
    return (f"{question}{PAIR}{context}",)


def from_pubmedqa(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a question beside its abstract, the authors' conclusion left out."""
    label = row["final_decision"]
    return (
        Example(text=row["question"], context="\n".join(row["contexts"]), label=label, targets={"decision": label}),
    )


def from_conclusions(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return the same question beside the conclusion alone: a shorter text with the same answer."""
    label = row["final_decision"]
    return (Example(text=row["question"], context=row["long_answer"], label=label, targets={"decision": label}),)


def _question_only(example: Example) -> Example:
    return replace(example, context="")


def _context_only(example: Example) -> Example:
    return replace(example, text="")


TASK = Task(
    name="medical_qa",
    title="Medical questions",
    kind=Kind.QA,
    intro="What a text answers to a yes/no question about medicine: yes, no, or maybe.",
    caution="Not medical advice. The answer is only as good as the text it was read from; ask a professional who knows "
    "the person.",
    labels=LABELS,
    heads=(Head("decision", LABELS),),
    fold={label: (label,) for label in LABELS},
    slots=("question", "context"),
    segments=segments,
    windows=True,
    data=(
        Data(
            name="pubmedqa",
            folder="pubmedqa",
            files={"train": "train.jsonl.gz", "test": "test.jsonl.gz"},
            license="MIT",
            ships=True,
            to_examples=from_pubmedqa,
            repo="qiaojin/PubMedQA",
            note="Jin et al., EMNLP-IJCNLP 2019, expert-labelled part; 400 of the 500 official test rows.",
        ),
        Data(
            name="pubmedqa_conclusions",
            folder="pubmedqa",
            files={"train": "train.jsonl.gz"},
            license="MIT",
            ships=True,
            to_examples=from_conclusions,
            role="extra",
            note="The authors' conclusions of the same training rows, as a shorter context.",
        ),
    ),
    samples=(
        Example(
            text="Does daily low-dose aspirin lower the risk of pre-eclampsia in women at high risk?",
            context="Women at high risk were given aspirin or placebo from week 13. Pre-eclampsia developed in fewer "
            "women of the aspirin group.",
        ),
    ),
    columns={"question": ("question", "query"), "context": ("context", "abstract", "passage")},
    shortcuts={"question only": _question_only, "context only": _context_only},
    unit="questions",
    order=30,
)
