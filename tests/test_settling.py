"""A yes/no question is answered by yes or no where a card knows a claim worded alike, and nowhere else."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.answering import reply
from models.checker import settled as settled_by_cards
from models.finding import Finder
from models.settling import MOST, Settled, asks_plainly, settle
from tabs.chat_view import as_dict, standing
from tasks.evidence import Asked, Found, Known
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.reply import Candidate, Reply
from tasks.spec import Example, Prediction, Turn

SAID = "People slept no longer with zorvil tea than with water."
TEA = Found(
    "tea",
    f"{SAID} It tastes of mint.",
    0.9,
    title="Zorvil",
    kind="reference",
)
SEA = Found("sea", "Whales sing at night in the deep sea.", 0.6, title="Whales", kind="reference")
FOR, AGAINST, SILENCE = (0.9, 0.05), (0.05, 0.9), (0.1, 0.1)


def answer(examples: Sequence[Example]) -> list[Prediction]:
    return [Prediction(SILENT, SILENT, {SUPPORTS: 0.2, REFUTES: 0.2, SILENT: 0.6}) for _ in examples]


def familiar(side: tuple[float, float], like: str = "Zorvil tea helps you sleep.") -> object:
    def known(asked: Sequence[Asked]) -> list[Known | None]:
        return [Known(*side, like, False) if one.card == "tea" else Known(0.02, 0.02, "", False) for one in asked]

    return known


def near(claim: str, cards: Sequence[str]) -> list[float]:
    return [0.0 if card == "sea" else 0.9 for card in cards]


def by(side: tuple[float, float], like: str = "Zorvil tea helps you sleep.") -> Settled | None:
    return settle("Does zorvil tea help people sleep?", [SEA, TEA], answer, familiar(side, like), near)


def search(question: str, k: int) -> list[Found]:
    return [SEA, TEA]


def rate(question: str, candidates: Sequence[Candidate]) -> list[float]:
    return [0.7 if "mint" in one.sentence else 0.1 for one in candidates]


def last(question: str, settle: object, history: Sequence[Turn] = ()) -> Reply:
    *_, end = reply(question, history, search, rate, settle=settle)
    return end


def test_the_side_of_the_known_claims_is_the_answer() -> None:
    for side, label in ((FOR, "yes"), (AGAINST, "no")):
        said = by(side)
        assert said is not None and said.decision.label == label and said.passage is TEA
        assert said.sentence.startswith("People slept") and "Zorvil tea helps you sleep" in said.compared
        assert sum(said.decision.scores.values()) == pytest.approx(1.0) and 0 < said.trust <= 100


def test_nothing_is_settled_without_a_known_claim_or_a_side() -> None:
    """What the verifier alone would say of a card is shown in the claim check, and no yes or no here."""
    assert by(SILENCE) is None and by(AGAINST, like="") is None
    assert settle("Does zorvil tea help people sleep?", [], answer, familiar(FOR), near) is None
    assert settle("What is zorvil tea?", [TEA], answer, familiar(FOR), near) is None


def test_only_cards_with_a_known_claim_near_by_are_read() -> None:
    """Each passage that is read takes time before the first word; a collection's passages know no claims."""
    read: list[int] = []

    def counted(examples: Sequence[Example]) -> list[Prediction]:
        read.append(len(examples))
        return answer(examples)

    many = [SEA, *[replace(TEA, id=f"tea{i}") for i in range(9)]]
    settle("Does zorvil tea help people sleep?", many, counted, familiar(FOR), near)
    assert read == [MOST]
    settle("Does zorvil tea help people sleep?", [SEA], counted, familiar(FOR), near)
    assert read == [MOST]


def test_who_asks_for_leave_may_be_held_back_and_is_not_waved_on() -> None:
    tea = "Can children drink zorvil tea?"
    assert settle(tea, [TEA], answer, familiar(FOR), near) is None
    held = settle("Can people drink zorvil tea?", [TEA], answer, familiar(AGAINST), near)
    assert held is not None and held.decision.label == "no"


def test_who_asks_whether_something_need_be_done_is_not_told_no() -> None:
    """Nobody who asks whether babies need vitamin K may hear that they do not, and of suicide no yes or no is said."""
    for question in ("Should people drink zorvil tea?", "Do people need zorvil tea?", "Is lack of zorvil tea serious?"):
        assert settle(question, [TEA], answer, familiar(AGAINST), near) is None
    assert not asks_plainly("Does talking about suicide cause suicide?")


def test_what_may_be_so_is_no_yes_to_whether_it_is() -> None:
    may = familiar(FOR, "Zorvil tea may help people sleep.")
    assert settle("Does zorvil tea help people sleep?", [TEA], answer, may, near) is None
    assert settle("Does zorvil tea ever help people sleep?", [TEA], answer, may, near) is not None


def test_who_asks_whether_there_is_danger_is_not_told_no() -> None:
    for question in ("Is zorvil tea dangerous?", "Does zorvil tea have disadvantages?", "Is zorvil tea unhealthy?"):
        assert settle(question, [TEA], answer, familiar(AGAINST), near) is None
    warned = settle("Is zorvil tea dangerous?", [TEA], answer, familiar(FOR), near)
    assert warned is not None and warned.decision.label == "yes"


def test_whether_a_medicine_is_recommended_to_somebody_is_no_matter_of_yes_or_no() -> None:
    """By "Full-dose aspirin is recommended in late pregnancy", which its card refutes, aspirin was not at all."""
    for side in (FOR, AGAINST):
        assert settle("Is aspirin recommended in pregnancy?", [TEA], answer, familiar(side), near) is None


def test_a_passage_that_says_it_in_these_words_needs_no_known_claim() -> None:
    plain = Found("plain", "Zorvil tea does not help people sleep.", 0.9, kind="reference")
    said = settle("Does zorvil tea help people sleep?", [plain], answer, familiar(SILENCE), near)
    assert said is not None and said.decision.label == "no" and said.compared == ""
    *_, end = reply("Does zorvil tea help people sleep?", (), lambda q, k: [plain], rate, settle=lambda q, found: said)
    assert end.text.startswith("No, by what source 1 says") and "in these very words" in standing(end, lambda text: 4.0)


def test_the_sentence_that_plainly_says_it_is_quoted() -> None:
    """Not the one nearest in words, where the verifier finds the answer in another; as likely ones stay as they are."""
    card = replace(TEA, text="Zorvil tea helps people sleep, many say, by its smell. Nights were no longer with it.")

    def tells(by: float) -> object:
        def read(examples: Sequence[Example]) -> list[Prediction]:
            shares = [0.3 + by if e.context.startswith("Nights") else 0.3 for e in examples]
            return [Prediction(SILENT, SILENT, {SUPPORTS: 0.1, REFUTES: r, SILENT: 0.9 - r}) for r in shares]

        return read

    asked = "Does zorvil tea help people sleep?"
    plain = settle(asked, [card], tells(0.4), familiar(AGAINST), near)
    assert plain is not None and plain.sentence == "Nights were no longer with it."
    close = settle(asked, [card], tells(0.1), familiar(AGAINST), near)
    assert close is not None and close.sentence.startswith("Zorvil tea helps")


def test_what_settles_is_said_first() -> None:
    end = last("Does zorvil tea help people sleep?", lambda question, found: by(AGAINST))
    assert [quote.text for quote in end.quotes] == [
        "People slept no longer with zorvil tea than with water.",
        "It tastes of mint.",
    ]
    assert end.text.startswith(
        "No, by what source 1 says: “People slept no longer with zorvil tea than with water.” [1]"
    )
    assert end.sources[0] is TEA and end.colour == "green" and not end.unsettled
    told = standing(end, lambda text: 4.0)
    assert "Yes or no: source 1 says no (90%)" in told and "which this source refutes" in told
    assert as_dict(end)["decision"]["label"] == "no" and "Zorvil tea helps you sleep" in as_dict(end)["compared_with"]


def test_a_plain_question_without_yes_or_no_is_not_green() -> None:
    """However likely the sentences answer: they are about it and do not say it."""
    end = last("Does zorvil tea help people sleep?", lambda question, found: None)
    assert end.confidence >= 0.5 and end.colour == "yellow" and end.unsettled and end.decision is None
    assert "none that says yes or no outright" in standing(end, lambda text: 4.0)
    assert last("What does zorvil tea taste of?", lambda question, found: None).colour == "green"


@pytest.mark.parametrize("question", ["Does it help my sleep?", "Can I drink zorvil tea?", "What is zorvil tea?"])
def test_only_questions_that_are_the_same_for_everybody_are_settled(question: str) -> None:
    def never(question: str, found: Sequence[Found]) -> Settled | None:
        raise AssertionError("a personal or an open question has no yes or no")

    assert not asks_plainly(question) and not last(question, never).unsettled


def test_who_is_asked_to_tell_makes_nothing_personal() -> None:
    assert asks_plainly("Can you tell me if zorvil tea helps people sleep?")
    assert not asks_plainly("Can you tell me if zorvil tea helps me sleep?")


def test_what_spelling_makes_personal_is_not_settled() -> None:
    said = reply(
        "Does zorvil tea help mye?",
        (),
        lambda q, k: [TEA],
        rate,
        spell=lambda text: text.replace("mye", "me"),
        settle=lambda q, found: by(AGAINST),
    )
    assert list(said)[-1].settled == ""


def test_maybe_is_neither_yes_nor_no() -> None:
    """What was read as maybe leaves a plain question open, however sure that reading is."""
    study = replace(TEA, kind="trial")
    maybe = Prediction("maybe", "maybe", {"yes": 0.1, "no": 0.1, "maybe": 0.8})
    *_, end = reply(
        "Does zorvil tea help people sleep?", (), lambda q, k: [study], rate, lambda q, t: maybe, settle=lambda *_: None
    )
    assert end.decision == maybe and end.unsettled and end.colour == "yellow"


def test_a_follow_up_is_not_settled() -> None:
    """What it leans on was put into words by a rule; a yes or no would be to something else."""
    said: list[str] = []

    def asked(question: str, found: Sequence[Found]) -> Settled | None:
        said.append(question)
        return None

    before = [Turn("user", "Does zorvil tea help people sleep?"), Turn("assistant", "No.")]
    last("Does it taste of mint?", asked, before)
    assert said == []
    last("Does zorvil tea taste of mint?", asked)
    assert said == ["Does zorvil tea taste of mint?"]


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("Does the MMR vaccine cause autism?", "no"),
        ("Do antibiotics work against viruses?", "no"),
        ("Can ibuprofen weaken the heart protection of aspirin?", "yes"),
        ("Does alcohol help you sleep better?", "no"),
        ("Can HIV spread through shared needles?", "yes"),
        ("Does melatonin make the hair turn grey?", None),
        ("Do fish oil capsules make people sing?", None),
    ],
)
def test_everyday_questions_by_the_cards_and_the_verifier_that_come_along(
    question: str, label: str | None, tmp_path
) -> None:
    found = settled_by_cards(question, Finder(tmp_path)(question, 8))
    assert (found.decision.label if found else None) == label


@pytest.mark.parametrize(
    "question",
    [
        "Should you stop antidepressants suddenly?",
        "Can babies have honey?",
        "Can pregnant women drink alcohol?",
        "Is it safe to take ibuprofen with aspirin?",
        "Should people with high blood pressure eat garlic instead of taking tablets?",
    ],
)
def test_no_card_waves_anybody_on(question: str, tmp_path) -> None:
    found = settled_by_cards(question, Finder(tmp_path)(question, 8))
    assert found is None or found.decision.label == "no"
