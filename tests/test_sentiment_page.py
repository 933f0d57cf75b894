"""What the page, the file and the marked words say of a review, above all of one that no label was chosen for."""

from collections.abc import Mapping
from pathlib import Path

import gradio as gr
from test_score import Fake, read

from models.score import NOT_SURE, score_file
from tabs import sentiment
from tasks.drug_reviews import TASK
from tasks.reviews import ClauseReading, ReviewReading
from tasks.spec import Prediction

UNDECIDED = {"negative": 0.45, "neutral": 0.15, "positive": 0.4}
SOONER = {"negative": 0.1, "neutral": 0.3, "positive": 0.6}


def prediction(scores: Mapping[str, float], best: str, sure: bool) -> Prediction:
    rating = {str(n): float(n == 5) for n in range(1, 11)}
    return Prediction(best if sure else None, best, scores, {"rating": rating}, source="x")


def reading(scores: Mapping[str, float], best: str, sure: bool) -> ReviewReading:
    clause = ClauseReading("so so", ("staff",), "neutral", "neutral", 0.5)
    return ReviewReading(prediction(scores, best, sure), "mixed", 5.0, (clause,), (), ())


def test_of_a_review_that_is_not_sure_everything_speaks_of_the_two_that_are_named() -> None:
    """The choice by offsets, neutral, is neither of them."""
    found = reading(UNDECIDED, "neutral", sure=False)
    assert "Most likely negative, possibly positive; not certain enough to say." in sentiment.verdict(found)
    assert found.leading == "negative" and found.aspects["overall experience"] == "unclear"
    said = sentiment.as_dict(found)
    assert (said["label"], said["abstained"], said["two_best"]) == ("negative", True, ["negative", "positive"])
    assert "two_best" in (sentiment.api(lambda *_: iter([found])).__doc__ or "")


def test_the_marked_words_say_which_label_they_speak_of() -> None:
    asked: list[str] = []

    def explain(example: object, label: str, by: str) -> list[tuple[str, float]]:
        asked.append(label)
        return [("So so.", 1.0)]

    with gr.Blocks() as demo:
        sentiment.build(TASK, lambda *_: iter([reading(UNDECIDED, "neutral", sure=False)]), explain, offers)
    respond, highlight, cleared = (
        next(fn.fn for fn in demo.fns.values() if fn.name == name) for name in ("respond", "highlight", "cleared")
    )
    turn = [0]
    *_, drawn = respond("So so.", "", "", "", "adapter", turn, None)
    words = highlight(drawn[-1], turn, "So so.", "", "", "")
    assert asked == ["negative"] and words.label == "Words that pointed to negative, or away from it"
    *_, newer = respond("So so.", "", "", "", "adapter", turn, None)
    assert highlight(drawn[-1], turn, "So so.", "", "", "") == gr.skip()  # those of the review before come too late
    assert highlight(newer[-1], turn, "So so.", "", "", "").visible
    cleared(turn)
    assert highlight(newer[-1], turn, "So so.", "", "", "") == gr.skip()


def offers() -> list:
    from tasks.written import HERE, Offer

    return [Offer(HERE, "the adapter", "")]


def test_a_label_that_is_not_the_likeliest_is_explained() -> None:
    told = sentiment.verdict(reading(SOONER, "neutral", sure=True))
    assert "Positive has the highest probability below. Neutral is named a little sooner" in told
    assert "sooner" not in sentiment.verdict(reading(SOONER, "positive", sure=True))
    assert "sooner" not in sentiment.verdict(reading(UNDECIDED, "neutral", sure=False))


class Unsure(Fake):
    """Is not sure of what holds "so"."""

    def predict(self, examples: list) -> list[Prediction]:
        said = super().predict(examples)
        return [
            prediction(UNDECIDED, "neutral", sure=False) if "so" in example.all_text else one
            for example, one in zip(examples, said, strict=True)
        ]


def test_a_file_gives_the_best_guess_of_the_page_and_counts_what_is_not_sure_apart(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("review\nso and so it goes\nbad pills again\n")
    *_, last = score_file(Unsure(), tmp_path / "in.csv", tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [(row["label"], row["abstained"]) for row in rows] == [("negative", "true"), ("negative", "false")]
    assert last.counts == {"negative": 1, "neutral": 0, "positive": 0, NOT_SURE: 1}
