"""The claim verifier: what a passage says of a claim. Pure data and functions; no verdict is given here.

The passage is read with its sentences that share most with the claim: the rest of an abstract says nothing of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tasks.contradict import affirmed
from tasks.healthver import from_healthver, from_rationale, from_silent
from tasks.made_claims import from_abstract, from_pubmedqa, from_sentences
from tasks.passage import read
from tasks.spec import PAIR, Data, Example, Head, Kind, Prediction, Task
from tasks.stance import LABELS, REFUTES, SILENT, SUPPORTS

_CLAIMING = 5
"""Words from which an answer is a claim of its own."""
_YES_NO = re.compile(r"^(?:yes|no)[,;]\s+", re.I)


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


def from_snli(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a sentence beside the caption of a picture it may follow from; nothing where its readers did not agree."""
    label = {"entailment": SUPPORTS, "contradiction": REFUTES, "neutral": SILENT}.get(row["gold_label"])
    if label is None:
        return ()
    return (Example(text=row["sentence2"], context=row["sentence1"], label=label, targets={"stance": label}),)


def from_card(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return the everyday claims that an evidence card supports and refutes, beside its statement."""
    said = [(claim, SUPPORTS) for claim in row["supports"]] + [(claim, REFUTES) for claim in row["refutes"]]
    return tuple(
        Example(text=claim, context=row["statement"], label=label, targets={"stance": label}) for claim, label in said
    )


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


def forms(example: Example) -> Sequence[tuple[float, Example]]:
    """Return the forms a training row is seen in: beside the whole passage, or beside its annotated sentences alone."""
    rationale = example.targets.get("rationale")
    if not rationale:
        return ((1.0, example),)
    alone = replace(example, context=str(rationale))
    return ((0.6, example), (0.4, alone))


def denied(example: Example) -> Example | None:
    """Return the claim that a denial denies, beside the same passage; None where the claim denies nothing plainly.

    The verifier has seen few denials beside passages that deny too, and takes any "not" for a contradiction: what is
    denied is judged in their place, and the answer turned round.
    """
    said = affirmed(example.text or example.fields.get("claim", ""))
    if said is None:
        return None
    return replace(example, text=said, fields={name: v for name, v in example.fields.items() if name != "claim"})


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
    "is given, knows nothing else, and can miss hedging such as 'may'.",
    labels=LABELS,
    heads=(Head("stance", LABELS),),
    fold={label: (label,) for label in LABELS},
    slots=("claim", "evidence"),
    segments=segments,
    opposite=denied,
    turned={SUPPORTS: REFUTES, REFUTES: SUPPORTS},
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
            name="card_claims",
            folder="knowledge",
            files={"train": "cards.jsonl"},
            license="Apache-2.0",
            ships=True,
            to_examples=from_card,
            role="extra",
            foil=SILENT,
            inside=True,
            note="Everyday claims that the project's own evidence cards support and refute, written for it.",
        ),
        Data(
            name="snli",
            folder="snli",
            files={"train": "snli_1.0_train.jsonl"},
            license="CC BY-SA 4.0",
            ships=True,
            to_examples=from_snli,
            role="extra",
            aside=True,
            note="Bowman et al., EMNLP 2015: captions of pictures beside sentences that follow, may hold or cannot.",
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
        Data(
            name="healthver_silent",
            folder="healthver",
            files={"train": "abstract_pairs_train.csv.gz"},
            license="none stated; research and evaluation only",
            ships=False,
            to_examples=from_silent,
            role="extra",
            beside=("abstract_corpus.jsonl.gz", "doc_id", "doc_id"),
            note="The sentences nearest to a claim of training abstracts that say nothing of it (the same release).",
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
