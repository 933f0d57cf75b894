"""A row of a file is read as the page reads the same text: conversations, named fields, and what says nothing."""

import json
from pathlib import Path

import pytest
from test_score import Fake, read

import tasks
from models.language import FOREIGN
from models.parts import WORDLESS, example_of
from models.score import score_file
from models.tables import BadRow, Row
from tabs.sentiment import example_of as example_typed
from tasks.spec import Example, Task, UserError

REVIEW, NOTE, CLAIM = (tasks.get(name) for name in ("drug_reviews", "clinical_notes", "health_claims"))


def one(text: str, task: Task = REVIEW, slot: str = "comments") -> Example | BadRow:
    return example_of(Row(2, {"it": text}), {slot: "it"}, task)


def test_a_conversation_and_named_fields_in_a_cell_are_read_as_on_the_page() -> None:
    assert one("Doctor: Wonderful to see you! Patient: It made me ill.") == Example(text="It made me ill.")
    named = one("Benefits: no pain\nSide effects: a rash")
    assert isinstance(named, Example) and named.fields == {"benefits": "no pain", "side effects": "a rash"}
    cells = {"a": "Doctor: fine? Patient: no.", "b": "none"}
    form = example_of(Row(2, cells), {"comments": "a", "side effects": "b"}, REVIEW)
    assert form == Example(fields={"comments": cells["a"], "side effects": "none"})


@pytest.mark.parametrize(
    "text",
    [
        *("N/A", "n.a.", "None.", "-", "--", "...", "—", "?", "Nil", "NULL", "10/10", "👍", "xxx", "Nothing"),
        *("no comments", "Not applicable", "nothing to add", "No further comments", "not answered", "None given"),
        *("N/A N/A", "none none", "No comment provided", "None reported", "I have no comments", "nothing at all"),
        *("no comment at this time", "There is nothing to report", "None. N/A.", "no further remarks so far"),
    ],
)
def test_a_placeholder_is_not_scored_and_the_reason_said(text: str) -> None:
    assert one(text) == BadRow(2, f"it: {WORDLESS}")
    assert one(text, NOTE, "note") == BadRow(2, f"it: {WORDLESS}")


@pytest.mark.parametrize(
    "text",
    [
        *("None of it worked", "Nothing helped", "no comment needed, it is superb", "Nan was helped by it", "ok"),
        *(
            "no pain",
            "Nil effect",
            "not good",
            "no answer from the ward",
            "No response",
            "I have no pain at all",
            "nothing at all helped",
            "none of the data is true",
            "I have no opinion of doctors like that",
            "这个药很好",
            "meh",
            "N/A but ill",
        ),
    ],
)
def test_few_words_are_still_words(text: str) -> None:
    assert one(text) == Example(text=text)


@pytest.mark.parametrize("text", ["n/a", "No comment provided", "none none"])
def test_the_page_and_the_endpoint_say_kindly_that_a_placeholder_is_nothing_to_read(text: str) -> None:
    for typed in ((text, "", "", ""), ("", "", "", text)):
        with pytest.raises(UserError, match="nothing to read"):
            example_typed(*typed)
    assert example_typed("", "no pain", text, text).fields["comments"] == text
    assert example_typed("Nothing helped", "", "", "") == Example(text="Nothing helped")


def test_what_is_none_beside_other_cells_or_a_number_in_a_claim_is_an_answer() -> None:
    assert one("None", slot="side effects") == Example(fields={"side effects": "None"})
    assert one("10/10", CLAIM, "claim") == Example(fields={"claim": "10/10"})


def test_a_scored_row_carries_the_pages_warning(tmp_path: Path) -> None:
    texts = ["La doctora fue muy amable y el tratamiento funcionó muy bien.", "It made me bad and dizzy.", "n/a"]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"review": text, "note": "x"}) + "\n" for text in texts))
    *_, last = score_file(Fake(), tmp_path / "in.jsonl", tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [(row["remark"], row["note"]) for row in rows] == [(FOREIGN, "x"), ("", "x"), ("", "x")]
    assert (last.scored, last.bad) == (2, [BadRow(3, f"review: {WORDLESS}")])
