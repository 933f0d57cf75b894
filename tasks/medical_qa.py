"""Yes, no or maybe: what an abstract answers to the question it was written for. Pure data and functions.

The task is PubMedQA's: the abstract without its conclusion is given, and the reader has to conclude. Bases that answer
in words may learn written answers beside it, from sets with a part each: exams and encyclopaedias for what is so,
consumers' questions for medicines, consultations for the tone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tasks.outcomes import SIGNS
from tasks.spec import PAIR, Data, Example, Head, Kind, Prompt, Task, Turn

YES, NO, MAYBE = "yes", "no", "maybe"
LABELS = (YES, NO, MAYBE)
ANSWER = "answer"
"""The target that holds a written answer."""


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


def written(question: str, answer: str, context: str = "", history: tuple[Turn, ...] = ()) -> tuple[Example, ...]:
    """Return a question with its written answer, or nothing where one of the two is empty."""
    if not question.strip() or not answer.strip():
        return ()
    return (Example(question.strip(), context=context, history=history, targets={ANSWER: answer.strip()}),)


def from_pubmedqa_answers(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a question beside its abstract, answered by the authors' conclusion."""
    return written(row["question"], row["long_answer"], "\n".join(row["contexts"]))


def from_medquad(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a question with the first of the passages that answer it."""
    passages = row["beside"]
    return written(row["question"], passages[0]["text"]) if passages else ()


def from_medicationqa(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a consumer's question about a medicine with its answer."""
    return written(row["question"], row["answer"])


def from_dialogue(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return every reply of the doctor's, what was said before it as history."""
    out: list[Example] = []
    history: list[Turn] = []
    for turn in row["turns"]:
        said = Turn("assistant" if turn["role"] == "doctor" else "user", turn["text"].strip())
        if said.role == "assistant" and history and history[-1].role == "user":
            out += written(history[-1].content, said.content, history=tuple(history[:-1]))
        if history and history[-1].role == said.role:  # chat templates take turns by turns
            said = Turn(said.role, f"{history.pop().content}\n{said.content}")
        history.append(said)
    return out


def choices(question: str, options: Mapping[str, str]) -> str:
    """Return a multiple-choice question as one text; its answer begins with the letter of the right option."""
    listed = "\n".join(f"{letter}. {text}" for letter, text in options.items())
    return f"{question}\n{listed}\nAnswer with the letter of the right option."


def from_multiple_choice(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return an exam question, answered by the letter and the words of the right option."""
    right = row["answer_idx"]
    return written(choices(row["question"], row["options"]), f"{right}. {row['options'][right]}")


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
        Data(
            name="pubmedqa_answers",
            folder="pubmedqa",
            files={"train": "train.jsonl.gz"},
            license="MIT",
            ships=True,
            to_examples=from_pubmedqa_answers,
            role="extra",
            written=True,
            note="The authors' conclusions as answers to be written from the abstract.",
        ),
        Data(
            name="medquad_answers",
            folder="medquad",
            files={"train": "questions.jsonl.gz"},
            license="CC BY 4.0",
            ships=True,
            to_examples=from_medquad,
            role="extra",
            held_out=0.1,
            beside=("passages.jsonl.gz", "id", "relevant_passage_ids"),
            written=True,
            note="Core knowledge: questions of NIH sites, answered by the first passage that answers them.",
        ),
        Data(
            name="medqa_answers",
            folder="medical_mcq",
            files={"train": "medqa_usmle_train_4opt.jsonl.gz"},
            license="MIT",
            ships=True,
            to_examples=from_multiple_choice,
            role="extra",
            written=True,
            note="Core knowledge: MedQA's training questions with four options. Only its test rows come with the sets; "
            "put the authors' training rows beside them under this name, in the same columns.",
        ),
        Data(
            name="medicationqa_answers",
            folder="medicationqa",
            files={"train": "medicationqa.csv.gz"},
            license="none stated; some answers are copied from copyrighted pages",
            ships=False,
            to_examples=from_medicationqa,
            role="extra",
            written=True,
            note="Medicines: consumers' questions. For research on this machine only.",
        ),
        Data(
            name="covid_dialogue_replies",
            folder="covid_dialogue_en",
            files={"train": "dialogues.jsonl.gz"},
            license="no open licence; the websites keep their copyright",
            ships=False,
            to_examples=from_dialogue,
            role="extra",
            written=True,
            note="Tone: doctors' replies of early 2020, partly outdated. Internal evaluation only; never to be shared.",
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
    signs=SIGNS,
    prompt=Prompt(ask="Judging by the context, is the answer to the question yes, no or maybe?", answer=ANSWER),
    unit="questions",
    order=30,
)
