"""Drug reviews: is the patient content, torn or unhappy with a medicine?

Covered: English reviews of one medicine as patients write them on consumer sites, whole or as the three fields
benefits / side effects / comments; the label is cut from the writer's own 1-10 rating (<= 4, 5-6, >= 7).
Not covered: whether the medicine works, is safe or is right for anyone; sarcasm; other languages.
Knows nothing of torch, of Gradio, or of where the rows lie.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.spec import Data, Example, Head, Kind, Prediction, Task, clean

LABELS = ("negative", "neutral", "positive")
RATINGS = tuple(str(n) for n in range(1, 11))
EFFECTIVENESS = (
    "Ineffective",
    "Marginally Effective",
    "Moderately Effective",
    "Considerably Effective",
    "Highly Effective",
)
SIDE_EFFECTS = (
    "Extremely Severe Side Effects",
    "Severe Side Effects",
    "Moderate Side Effects",
    "Mild Side Effects",
    "No Side Effects",
)
FOLD = {"negative": RATINGS[:4], "neutral": RATINGS[4:6], "positive": RATINGS[6:]}
SLOTS = ("benefits", "side effects", "comments")
INTENSITY = ("very negative", "negative", "mixed", "positive", "very positive")


def label_of(rating: str | int) -> str:
    """Return the class of a 1-10 rating; raise KeyError for any other rating."""
    return {value: label for label, values in FOLD.items() for value in values}[str(rating)]


def from_druglib(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a Druglib.com row: three texts, a rating, and two five-step opinions used as extra targets only.

    `effectiveness` and `sideEffects` are nearly the label, so they are never part of the input. `condition` and `drug`
    are no model's business either: errors are counted by them.
    """
    rating = str(int(row["rating"]))
    fields = {
        "benefits": clean(str(row["benefitsReview"])),
        "side effects": clean(str(row["sideEffectsReview"])),
        "comments": clean(str(row["commentsReview"])),
    }
    targets = {"rating": rating, "effectiveness": row["effectiveness"], "side_effects": row["sideEffects"]}
    targets |= {"condition": str(row.get("condition", "")), "drug": str(row.get("urlDrugName", ""))}
    return (Example(fields=fields, label=label_of(rating), targets=targets),)


def from_drugscom(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a Drugs.com row: one text and a rating."""
    return _one_text(str(row["review"]), str(int(row["rating"])))


def from_nhs(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a patient's comment on a service: five hand-given steps, put where they lie on the 1-10 scale.

    Replies of one or two words are left out: whether "Nothing" is praise depends on the question asked, which no
    visitor gives.
    """
    rating = {"1": "10", "2": "8", "3": "5", "4": "3", "5": "1"}[str(row["sentiment_1to5"])]
    text = str(row["text"])
    return _one_text(text, rating) if len(text.split()) > 2 else ()


def _one_text(text: str, rating: str) -> Sequence[Example]:
    text = clean(text)
    return (Example(text=text, label=label_of(rating), targets={"rating": rating}),) if text else ()


def segments(example: Example) -> Sequence[str]:
    """Return the texts of the three slots; a review pasted whole goes where comments go."""
    comments = "\n".join(part for part in (example.fields.get("comments", ""), example.text) if part)
    return (example.fields.get("benefits", ""), example.fields.get("side effects", ""), comments)


def variants(example: Example) -> Sequence[tuple[float, Example]]:
    """Return (share of draws, form) of a training review: in fields, in one piece, and its comment alone.

    Visitors paste all three forms; a model that only ever saw filled fields reads a bare comment badly.
    """
    if not example.fields:
        return ((1.0, example),)
    return ((0.7, example), (0.15, in_one_piece(example)), (0.15, comments_only(example)))


def in_one_piece(example: Example) -> Example:
    """Return the review with its fields joined to one text."""
    text = "\n".join(part for part in example.fields.values() if part)
    return Example(text=text or example.text, label=example.label, targets=example.targets)


def second_look(example: Example) -> Example | None:
    """Return the form in which a review that was hard to read is read once more; None where there is no other."""
    return in_one_piece(example) if sum(bool(part.strip()) for part in example.fields.values()) > 1 else None


def comments_only(example: Example) -> Example:
    """Return the review with nothing but its comment, as pasted without the form."""
    return Example(
        text=example.fields.get("comments", "") or example.text, label=example.label, targets=example.targets
    )


def expected_rating(prediction: Prediction) -> float:
    """Return the mean of the predicted 1-10 rating distribution."""
    return sum(int(value) * share for value, share in prediction.heads["rating"].items())


def intensity(prediction: Prediction) -> str:
    """Return one of five steps: each spans two ratings, so 1-2 is very negative and 9-10 very positive."""
    return INTENSITY[min(int((expected_rating(prediction) - 0.5) // 2), 4)]


def leading(prediction: Prediction) -> str:
    """Return the label an answer speaks of: the one chosen, or the likeliest where none was."""
    likeliest = max(prediction.scores, key=lambda label: prediction.scores[label], default=prediction.best)
    return likeliest if prediction.abstained else prediction.best


def output(prediction: Prediction) -> Mapping[str, Any]:
    """Return the columns a scored review gains; its label is a best guess where `abstained` says that none is sure."""
    shares = {f"p_{label}": round(share, 4) for label, share in prediction.scores.items()}
    return {
        "label": leading(prediction),
        **shares,
        "rating_expected": None if prediction.coarse else round(expected_rating(prediction), 2),
        "intensity": None if prediction.coarse else intensity(prediction),
        "abstained": prediction.abstained,
    }


TASK = Task(
    name="drug_reviews",
    title="Drug reviews",
    kind=Kind.REVIEW,
    intro="Paste what a patient wrote about a medicine or a service, or fill the three fields.",
    caution=(
        "Reads the writer's satisfaction, not the medicine: it cannot tell whether a treatment works or is safe, "
        "and it is no advice to start, change or stop one."
    ),
    labels=LABELS,
    heads=(
        Head("rating", RATINGS, ordinal=True),
        Head("effectiveness", EFFECTIVENESS, weight=0.5),
        Head("side_effects", SIDE_EFFECTS, weight=0.5),
    ),
    fold=FOLD,
    slots=SLOTS,
    segments=segments,
    variants=variants,
    bare=comments_only,
    second=second_look,
    data=(
        Data(
            name="druglib",
            folder="druglib",
            files={"train": "drugLibTrain_raw.tsv.gz", "test": "drugLibTest_raw.tsv.gz"},
            license="CC BY 4.0 (as UCI lists dataset 461 today; an older UCI page said research use only)",
            ships=True,
            to_examples=from_druglib,
            note="UCI Drug Review Dataset (Druglib.com), Gräßer et al. 2018; official train/test split.",
        ),
        Data(
            name="drugscom_sample",
            folder="drugscom_sample",
            files={"train": "drugscom_sample.csv.gz"},
            license="CC BY 4.0 (as UCI lists dataset 462 today; an older UCI page said research use only)",
            ships=True,
            to_examples=from_drugscom,
            role="extra",
            note="A sample of the official train split of the UCI Drug Review Dataset (Drugs.com), Gräßer et al. 2018.",
            repo="lewtun/drug-reviews",
        ),
        Data(
            name="nhs_fft",
            folder="nhs_fft",
            files={"train": "nhs_fft_v6.csv.gz"},
            license="MIT (pxtextmining, NHS England 2021)",
            ships=True,
            to_examples=from_nhs,
            role="extra",
            note="NHS Friends and Family Test comments of two trusts, labelled by hand (pxtextmining v6).",
        ),
    ),
    samples=(
        Example(
            text="The nurses were great, but I had to wait over six hours in the ER before seeing a doctor. "
            "It was a frustrating experience."
        ),
        Example(
            fields={
                "benefits": "My migraines went from three a week to one a month.",
                "side effects": "Dry mouth and some drowsiness in the first two weeks.",
                "comments": "One tablet at night. Easy to take and cheap on my plan.",
            }
        ),
        Example(text="It did lower my blood pressure, but the cough never stopped and I could not sleep. I gave up."),
    ),
    columns={
        "benefits": ("benefitsReview", "benefits", "benefit"),
        "side effects": ("sideEffectsReview", "side_effects", "side effects", "sideeffects"),
        "comments": ("commentsReview", "comments", "comment", "review", "text", "review_text", "feedback"),
    },
    output=output,
    unit="reviews",
    order=10,
)
