"""What a person types becomes text a model can read, or a sentence that says why not."""

import pytest

from tasks.reviews import understand
from tasks.spec import MAX_CHARS, UserError, check_text, clean
from tasks.turns import named_fields, turns


@pytest.mark.parametrize("nothing", ["", " \t\u00a0 ", "\n\r\n", "\u200b\u200c\u200d\ufeff", "\x00\x01", "\u0301"])
def test_invisible_text_counts_as_none(nothing: str) -> None:
    with pytest.raises(UserError, match="Please enter some review first"):
        check_text(nothing, what="review")


@pytest.mark.parametrize("wrong", [None, 3, ["a"], {"a": 1}, b"abc"])
def test_what_is_no_text_is_refused_in_words(wrong: object) -> None:
    with pytest.raises(UserError, match="must be plain text"):
        check_text(wrong)


def test_the_limit_itself_is_allowed_and_one_more_is_not() -> None:
    assert len(check_text("a" * MAX_CHARS)) == MAX_CHARS
    with pytest.raises(UserError, match="20,001 characters"):
        check_text("a" * (MAX_CHARS + 1))


def test_control_marks_go_and_letters_stay() -> None:
    """Line ends and joined emoji survive; NUL, bidi overrides and lone surrogates do not."""
    assert clean("a\x00b\u202ec\nd") == "abc\nd"
    assert clean("👩\u200d⚕️ ok") == "👩\u200d⚕️ ok"
    assert clean("x\ud800y") == "x?y"
    assert clean("e\u0301") == "é"


def test_a_conversation_is_cut_at_its_speakers() -> None:
    said = turns("Doctor: How are you? Patient: Terrible. It hurts. Doctor: I see.")
    assert [(t.role, t.content) for t in said] == [
        ("Doctor", "How are you?"),
        ("Patient", "Terrible. It hurts."),
        ("Doctor", "I see."),
    ]


def test_a_doctor_spoken_of_does_not_speak() -> None:
    said = turns("Patient: I told the doctor: this hurts. Doctor: ok.")
    assert [(t.role, t.content) for t in said] == [("Patient", "I told the doctor: this hurts."), ("Doctor", "ok.")]
    assert len(turns("Patient: My nurse: kind. A doctor: there. Doctor: ok.")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "**Doctor:** Hello. **Patient:** Bad.",
        "**Doctor**: Hello.\n**Patient**: Bad.",
        "Conversation:\nDoctor: Hello.\nPatient: Bad.",
        "# Transcript\n\nDoctor: Hello.\nPatient: Bad.",
    ],
)
def test_bold_speakers_and_a_heading_are_read(text: str) -> None:
    assert [(t.role, t.content) for t in turns(text)] == [("Doctor", "Hello."), ("Patient", "Bad.")]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("[Doctor]: How are you?\n[Patient]: It hurts.", "Doctor", "Patient"),
        ("Doctor (smiling): How are you?\nPatient: It hurts.", "Doctor", "Patient"),
        ("[00:01] Doctor: How are you?\n[00:05] Patient: It hurts.", "Doctor", "Patient"),
        ("0:01:12 Anna: How are you?\n0:01:15 Ben: It hurts.", "Anna", "Ben"),
        ("Patient 1: How are you?\nPatient 2: It hurts.", "Patient 1", "Patient 2"),
        ("Speaker 1: How are you?\nSpeaker 2: It hurts.", "Speaker 1", "Speaker 2"),
    ],
)
def test_the_marks_of_a_transcript_are_no_part_of_what_is_said(text: str, first: str, second: str) -> None:
    assert [(t.role, t.content) for t in turns(text)] == [(first, "How are you?"), (second, "It hurts.")]


def test_a_field_amid_a_conversation_is_what_is_being_said() -> None:
    said = turns("Anna: hi\nNote: calm\nBen: bad")
    assert [(t.role, t.content) for t in said] == [("Anna", "hi\nNote: calm"), ("Ben", "bad")]


@pytest.mark.parametrize(
    "text",
    [
        "My doctor: a fool. No patient: me.",
        "Note: take with food.",
        "Doctor: one turn only.",
        "Rating: 5\nComment: great",
        "Pros: cheap\nCons: slow",
        "Title: X\nReview: good\nRating: 5",
        "I went there. Doctor: hello. Patient: bad.",
        "Day 1: awful.\nDay 2: better.\nDay 3: good.",
        "Nurse 1: rude. Nurse 2: lovely.",
        "At 10:30 doctor: rude. Food: lovely.",
        "plain text",
        "",
    ],
)
def test_what_only_looks_like_a_conversation_is_none(text: str) -> None:
    assert turns(text) == []


def test_fields_named_in_a_paste_are_put_where_they_belong() -> None:
    text = "Benefits: no more pain\nSide effects: none\nComments: take at night"
    assert named_fields(text, ("benefits", "side effects", "comments")) == {
        "benefits": "no more pain",
        "side effects": "none",
        "comments": "take at night",
    }
    assert understand(text, {}).fields["side effects"] == "none"
    assert understand("The benefits: few.", {}).fields == {}
