"""A reply quotes its sources or says that it found nothing; danger stands above both."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest

from benchmarks.chat import QUESTIONS
from models.answering import LIFT, further, reply
from models.bulk import QuestionScorer, Used
from models.knowledge.cards import FILE
from tabs.chat_view import standing
from tasks import get
from tasks.evidence import Found
from tasks.plain_words import explained
from tasks.population import unasked
from tasks.reply import NOTHING, UNREAD, WELCOME, Candidate, Reply
from tasks.spec import Example, Prediction, Turn
from tasks.warning import calms, warns

IBUPROFEN = Found(
    "fda-1",
    "Ibuprofen can interfere with the effect of low-dose aspirin. It is a painkiller. Is it safe? Short one.",
    0.9,
    kind="regulator",
)
GARLIC = Found(
    "nccih-2", "Garlic may lower blood pressure slightly in adults. It does not cure it at all.", 0.7, kind="review"
)
NO = Prediction("no", "no", {"yes": 0.2, "no": 0.7, "maybe": 0.1})
WHALES = Found("sea-3", "Blue whales sing at night in the deep sea.", 0.3)


def search(question: str, k: int) -> Sequence[Found]:
    return [p for p in (IBUPROFEN, GARLIC) if p.text.split()[0].lower() in question.lower()] + [WHALES]


def rate(question: str, candidates: Sequence[Candidate]) -> list[float]:
    said = [c.sentence for c in candidates]
    return [0.9 if s.split()[0].lower() in question.lower() else 0.55 if s.startswith("It ") else 0.1 for s in said]


def last(question: str, history: Sequence[Turn] = ()) -> Reply:
    *_, end = reply(question, history, search, rate, lambda q, text: NO)
    return end


def test_every_sentence_of_an_answer_stands_in_its_source() -> None:
    """Quoted word for word, numbered, and the answer grows a quotation at a time."""
    steps = list(reply("Does ibuprofen interfere with aspirin?", [], search, rate))
    assert [len(step.quotes) for step in steps] == [1, 2, 2] and steps[-1].done
    for quote in steps[-1].quotes:
        assert quote.text in steps[-1].sources[quote.source - 1].text
    assert steps[-1].text.startswith("“Ibuprofen can interfere with the effect of low-dose aspirin.” [1]")
    assert "whales" not in steps[-1].text and steps[-1].colour == "green"


def test_without_a_source_it_says_so_and_offers_what_is_near() -> None:
    end = last("What is zorvilosis?")
    assert NOTHING in end.text and end.near == (WHALES,) and end.colour == "red" and end.confidence == 0
    assert end.decision is None


def test_a_follow_up_is_searched_with_its_subject() -> None:
    """It is not answered from a source that says nothing of children; that one is offered as near."""
    end = last("And for children?", [Turn("user", "Does ibuprofen interfere with aspirin?"), Turn("assistant", "Yes.")])
    assert "ibuprofen" in end.asked and end.near[0] == IBUPROFEN and NOTHING in end.text
    assert "For a child" in end.referral


@pytest.mark.parametrize("said", ["?", "😀", "что такое диабет?", "糖尿病是什么?"])
def test_what_holds_no_words_that_are_read_is_searched_for_nowhere(said: str) -> None:
    def never(question: str, k: int) -> Sequence[Found]:
        raise AssertionError("there is nothing to look for")

    (end,) = reply(said, [Turn("user", "Does ibuprofen interfere with aspirin?")], never, rate)
    assert end.text.startswith(UNREAD) and end.done and not end.near


def test_what_may_be_asked_next_lies_near_and_is_about_the_same() -> None:
    """What is a source already, or lies far, or names nothing that was asked is left out."""
    quoted = replace(IBUPROFEN, title="Ibuprofen with aspirin (FDA)")
    found = [
        quoted,
        replace(quoted, id="fda-2"),
        replace(GARLIC, title="Aspirin in children (MedlinePlus)", near=0.4),
        replace(GARLIC, id="2", title="Aspirin in children (FDA)", near=0.4),
        replace(GARLIC, id="3", title="Aspirin and bowel cancer (USPSTF)", near=0.3),
        replace(GARLIC, id="4", title="Heart attack (NIH)", near=0.9),
    ]
    assert further("May I take ibuprofen with my aspirin?", found, [quoted]) == ("Aspirin in children",)
    beside = replace(WHALES, title="Ibuprofen and whales", near=0.4)
    *_, end = reply("Does ibuprofen interfere?", [], lambda q, k: [quoted, beside], rate)
    assert end.done and end.further == ("Ibuprofen and whales",)


def test_only_what_lies_near_is_offered_as_near() -> None:
    *_, end = reply("What is zorvil?", (), lambda q, k: [WHALES, replace(WHALES, near=0.1)], rate)
    assert end.near == (WHALES,)


@pytest.mark.parametrize("said", ["thanks", "Thank you so much!", "ok", "hello there"])
def test_a_courtesy_is_answered_and_searched_for_nowhere(said: str) -> None:
    def never(question: str, k: int) -> Sequence[Found]:
        raise AssertionError("nothing was asked")

    (end,) = reply(said, [Turn("user", "Does ibuprofen interfere with aspirin?")], never, rate)
    assert end.text == WELCOME and end.done and not end.near and standing(end, lambda text: 1.0) == ""


def test_danger_is_said_before_anything_is_searched() -> None:
    def never(question: str, k: int) -> Sequence[Found]:
        raise AssertionError("searched first")

    first = next(reply("I have chest pain, can I take ibuprofen?", [], never, rate))
    assert first.danger and first.text.startswith("If this is happening now")
    assert last("I have chest pain, can I take ibuprofen?").text.startswith("If this is happening now")
    *_, alone = reply("My baby won't wake up", [], lambda q, k: [], rate)
    assert alone.danger and alone.text == alone.danger.message  # no "nothing found", no one to ask about medicines
    assert standing(alone, lambda text: 1.0) == f"### ⚠ {alone.danger.kind.capitalize()}: read the answer first"


def test_yes_or_no_is_decided_only_where_it_was_asked_and_not_for_a_person() -> None:
    assert last("Does garlic cure blood pressure?").decision == NO
    assert last("What does garlic do?").decision is None
    assert last("Does ibuprofen interfere with aspirin?").decision is None  # a regulator's page is no abstract
    assert last("Can I take garlic?").decision is None
    assert last("Is garlic useless for blood pressure?").decision is None  # a no would mean that it helps


def test_plain_words_stand_beside_medical_ones_once() -> None:
    told = explained("Hypertension harms. Hypertension (high) and renal edema.")
    assert told.startswith("Hypertension [high blood pressure] harms. Hypertension (high)")
    assert explained(told) == told
    assert "renal [of the kidneys] edema [swelling from fluid]" in told
    for same in (
        "Nothing here.",
        "A non-benign lump.",
        "anti-platelet therapy",
        "Oral thrush",
        "oral cancers",
        "temporal",
    ):
        assert explained(same) == same
    assert explained("oral tablets") == "oral [by mouth] tablets"
    assert explained("Pulmonary oedema") == "Pulmonary [of the lungs] oedema [swelling from fluid]"
    for british, american in (("haemorrhage", "hemorrhage"), ("ischaemia", "ischemia"), ("anaemia", "anemia")):
        assert explained(british).replace(british, american) == explained(american) != american


def test_a_text_that_somebody_gave_is_read_to_its_end() -> None:
    """Of what search found only the beginning is; an abstract's conclusion stands behind all its numbers."""
    rest = " ".join(f"The ward had twelve beds in year number {year}." for year in range(14))
    given = Found("context", f"{rest} Ibuprofen reduced pain within two hours.", 1.0)
    rate = lambda question, candidates: [0.9 * c.sentence.startswith("Ibuprofen") for c in candidates]  # noqa: E731
    *_, found = reply("Does ibuprofen relieve pain?", (), lambda q, k: [given], rate)
    *_, read = reply("Does ibuprofen relieve pain?", (), lambda q, k: [given], rate, early=None)
    assert not found.quotes and read.text.startswith("“Ibuprofen reduced pain")
    scorer = QuestionScorer(
        SimpleNamespace(task=get("medical_qa"), reading=Used({})), search, rate, lambda q, t: NO, {}
    )
    (said,) = scorer.predict([Example("Does ibuprofen relieve pain?", context=given.text)])
    assert said.text == "Ibuprofen reduced pain within two hours."


def test_a_passage_of_one_sentence_that_is_near_as_a_whole_needs_less() -> None:
    """It was written to be quoted; a sentence of a longer passage has to speak for itself."""
    card = Found("shingles", "People can catch chickenpox from shingles through its blisters.", 0.7)
    long = Found("zoster", f"{card.text} The rash heals in weeks.", 0.7)

    def quoted(passage: Found, score: float) -> int:
        *_, end = reply("Is shingles contagious?", [], lambda q, k: [passage], lambda q, c: [score] * len(c))
        return len(end.quotes)

    assert quoted(card, 0.22) == 1 and quoted(long, 0.22) == 0
    assert quoted(card, 0.1) == 0 and quoted(replace(card, near=0.6), 0.22) == 0


def test_a_card_meant_for_the_question_needs_less_and_is_never_green_for_it() -> None:
    """It is known to speak of what was asked; what its words say stands where that is more."""
    card = Found("shingles", "People can catch chickenpox from shingles through its blisters.", 0.4)

    def end(passage: Found, score: float) -> Reply:
        *_, last = reply("Is shingles contagious?", [], lambda q, k: [passage], lambda q, c: [score] * len(c))
        return last

    assert not end(card, 0.1).quotes and not end(replace(card, meant=True), 0.04).quotes
    said = end(replace(card, meant=True), 0.1)
    assert said.quotes and said.colour == "yellow"
    assert said.confidence == pytest.approx(0.5 / (1 + 9 * math.exp(-LIFT)))
    rising = [end(replace(card, meant=True), score).confidence for score in (0.05, 0.1, 0.2, 0.3, 0.45, 0.49)]
    assert rising == sorted(set(rising)) and rising[-1] < 0.5
    assert end(replace(card, meant=True), 0.8).confidence == end(card, 0.8).confidence == 0.8


def test_the_questions_that_measure_the_chat_name_cards_that_are_there() -> None:
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    known = {json.loads(line)["id"] for line in FILE.read_text(encoding="utf-8").splitlines()}
    assert {card for row in rows for card in row["cards"]} <= known
    first = [row for row in rows if not row.get("later") and not row.get("drawn")]
    assert [sum(bool(row["cards"]) for row in first[start::2]) for start in (0, 1)] == [40, 40]
    assert len({row["question"] for row in rows}) == len(rows) == 220


def test_a_warning_is_quoted_before_what_calms_where_both_come_near() -> None:
    calm = Found("c", "Taking zorvil now and then is thought to carry very little risk.", 0.9)
    harm = Found("h", "Zorvil can interfere with the work of garvil, which may protect less well.", 0.9)

    def quoted(score: float, *found: Found) -> str:
        *_, end = reply("Zorvil with garvil?", (), lambda q, k: found, lambda q, c: [0.8, score][: len(c)])
        return end.quotes[0].text

    assert quoted(0.7, calm, harm) == harm.text
    assert quoted(0.4, calm, harm) == calm.text
    assert quoted(0.7, harm, calm) == harm.text


@pytest.mark.parametrize(
    ("sentence", "way"),
    [
        ("Statins are fairly safe for most people.", "calms"),
        ("The risk of bleeding is small.", "calms"),
        ("It was not found to harm the unborn child.", "calms"),
        ("Children should not take it.", "warns"),
        ("It raises the risk of bleeding.", "warns"),
        ("Alcohol with it can damage the liver.", "warns"),
        ("Gout is a kind of arthritis.", ""),
    ],
)
def test_what_warns_and_what_calms(sentence: str, way: str) -> None:
    assert ("calms" if calms(sentence) else "warns" if warns(sentence) else "") == way


BIRTH = Found("pm-4", "Exercise classes did not clearly lower depression three months after birth.", 0.8, kind="trial")
RUNNING = Found("pm-5", "Exercise eased depression in adults who ran three times a week.", 0.7, kind="trial")


def _of(*found: Found) -> tuple[Reply, list[str]]:
    read: list[str] = []

    def decide(question: str, text: str) -> Prediction:
        read.append(text)
        return NO

    rate = lambda question, candidates: [0.9] * len(candidates)  # noqa: E731
    *_, end = reply("Does exercise reduce depression?", [], lambda question, k: found, rate, decide)
    return end, read


def test_a_trial_of_mothers_is_no_yes_or_no_for_everyone() -> None:
    """It is quoted, with a word on whom it speaks of, and the reader of yes and no is not shown it."""
    end, read = _of(BIRTH)
    assert BIRTH.text in end.text and end.decision is None and read == []
    assert "Source 1 is about pregnancy or the time after birth, which you did not ask about." in standing(end, len)
    end, read = _of(BIRTH, RUNNING)
    assert read == [RUNNING.text] and end.decision == NO and list(end.beside) == [1]


@pytest.mark.parametrize(
    ("asked", "source", "groups"),
    [
        ("Does exercise reduce depression?", "A programme in pregnancy.", ["pregnancy or the time after birth"]),
        ("Does exercise in pregnancy help?", "A programme for pregnant women.", []),
        ("Does vitamin D prevent colds?", "It did so in school-age children.", ["children"]),
        ("Does vitamin D prevent colds?", "Schoolchildren had fewer, a paediatrician found.", ["children"]),
        ("Does vitamin D prevent colds?", "A 65-year-old man had none; it is conceivable.", []),
        ("Does vitamin D prevent colds?", "A 12-year-old and an 18 months old had none.", ["children"]),
        ("Does vitamin D prevent colds in babies?", "It did so in infants.", []),
        ("Does vitamin D prevent colds?", "It did so in adults and children.", []),
        ("Do statins help?", "Older adults in nursing homes had no benefit.", ["older people"]),
        ("Is it good for my mother?", "Mothers had fewer early births.", ["pregnancy or the time after birth"]),
        ("Is it good for mothers?", "It did so in pregnancy.", []),
        ("Does it help?", "In adults aged 65 years and older it did.", ["older people"]),
        ("Does it help?", "In adults over 75 it did.", ["older people"]),
        ("Does it help my 72-year-old father?", "In people aged 65 and over it did.", []),
        ("Does it help?", "In adults aged 18 to 65 and in those aged 65 and over.", []),
        ("Does it cure cancer?", "Tumours shrank in mice.", ["animals or the laboratory"]),
        ("Is aspirin advised in pregnancy?", "It helps where the baby is growing too slowly.", []),
        ("Is aspirin advised in pregnancy?", "It is taken up to the birth of the baby.", []),
        ("Is it safe in pregnancy?", "Birth defects in babies and young children.", ["children"]),
        ("Does it help?", "A baby with a fever had it.", ["children"]),
        ("Does ibuprofen help?", "Ibuprofen relieves pain.", []),
    ],
)
def test_whom_a_source_speaks_of(asked: str, source: str, groups: list[str]) -> None:
    assert unasked(asked, source) == groups
