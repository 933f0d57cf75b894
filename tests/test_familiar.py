"""Claims worded like one that a card is known to be for or against: invented cards, then those of the app."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models import familiar as familiar_file
from models.answering import topic_of
from models.checker import Checker
from models.claims import check
from models.familiar import FILE, SPEAKS, WEIGHTS, Familiar, write_vectors
from models.finding import Finder
from models.live import Live
from models.reading import Floats
from models.shelf import Shelf
from tabs import claims
from tasks.evidence import Asked, Evidence, Found, Known
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, MISLEADING, TRUE, UNKNOWN, Stance

ZORVIL = {
    "id": "zorvil",
    "statement": "Zorvil lowered blood pressure in adults.",
    "supports": ["Zorvil lowers blood pressure.", "Zorvil does not raise blood pressure."],
    "refutes": ["Zorvil raises blood pressure.", "Zorvil has no effect on blood pressure."],
}
BRELMA = {
    "id": "brelma",
    "statement": "Brelma tea did not help people sleep.",
    "supports": ["Brelma tea does not help you sleep."],
    "refutes": ["Brelma tea helps you sleep."],
}
ASKED = [Asked("Zorvil lowers blood pressure.", "zorvil", 0.3, 0.4), Asked("Zorvil stops coughs.", "notes/1", 0.2, 0.2)]
CARD = Found("zorvil", str(ZORVIL["statement"]), 0.9, title="Zorvil", kind="reference")


class Words:
    """Vectors of the words a text holds, without order or weight; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, texts: Sequence[str]) -> Floats:
        self.asked += len(texts)
        out = np.full((len(texts), 64), 1e-3, np.float32)
        for row, text in zip(out, texts, strict=True):
            for word in text.lower().rstrip(".").split():
                row[sum(map(ord, word)) % 64] += 1
        return out / np.linalg.norm(out, axis=1, keepdims=True)


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    path = tmp_path / "cards.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (ZORVIL, BRELMA)))
    return path


def made(cards: Path, embed: Words | None = None) -> Familiar:
    return Familiar(embed or Words(), cards, cards.with_suffix(".safetensors"))


def known(cards: Path, claim: str, card: str = "zorvil") -> Known:
    (found,) = made(cards)([Asked(claim, card, 0.3, 0.3)])
    assert found is not None
    return found


def test_a_claim_worded_like_a_known_one_stands_on_its_side(cards: Path) -> None:
    """And one worded like its opposite on the other, denial or direction; the known claim is named."""
    same = known(cards, "Zorvil lowers high blood pressure.")
    assert same.supports > 0.5 > same.refutes and same.like == "Zorvil lowers blood pressure." and same.for_it
    for opposite in ("Zorvil raises high blood pressure.", "Zorvil never lowers blood pressure."):
        turned = known(cards, opposite)
        assert turned.refutes > 0.5 > turned.supports
    assert known(cards, "Brelma tea helps babies sleep.", "brelma").said == (
        "“Brelma tea helps you sleep”, which this source refutes"
    )


def test_the_claim_that_is_named_speaks_for_the_side_that_is_told(cards: Path, tmp_path: Path) -> None:
    """One as near may be outvoted: naming it would contradict what is said. Where none speaks so, none is named."""
    against = [f"Zorvil makes {some} people sleep." for some in ("tall", "most", "young")]
    row = ZORVIL | {"supports": ["Zorvil makes old people sleep."], "refutes": against}
    cards.write_text(json.dumps(row) + "\n")
    said = known(cards, "Zorvil makes people sleep.")
    assert said.refutes > said.supports and said.like in against and not said.for_it
    cards.write_text(json.dumps(row | {"refutes": []}) + "\n")
    weights = tmp_path / "weights.json"
    weights.write_text(json.dumps(json.loads(WEIGHTS.read_text()) | {"side": {"vote": 0.0, "verifier": 9.0}}))
    familiar = Familiar(Words(), cards, cards.with_suffix(".safetensors"), weights)
    pro, con = familiar([Asked("Zorvil makes people sleep.", "zorvil", *one) for one in ((0.8, 0.1), (0.1, 0.8))])
    assert pro is not None and pro.supports > pro.refutes and pro.like == row["supports"][0] and pro.said
    assert con is not None and con.refutes > con.supports and con.like == "" == con.said


def test_how_near_a_card_is_needs_no_verifier(cards: Path) -> None:
    same, other, none = made(cards).near("Zorvil lowers blood pressure.", ["zorvil", "brelma", "notes/1"])
    assert same == pytest.approx(1.0, abs=1e-3) and other < same and none == 0.0
    assert made(cards).near("Zorvil lowers blood pressure.", ["notes/1"]) == [0.0] and made(cards).near("x", []) == []


def test_what_is_about_something_else_says_little(cards: Path) -> None:
    far = known(cards, "Whales sing at night.")
    assert far.supports + far.refutes < 0.5


def test_the_nearest_of_two_cards_speaks(cards: Path) -> None:
    """A card that another one outdoes speaks less of a claim than it would alone."""
    claim = "Zorvil lowers blood pressure."
    alone = made(cards)([Asked(claim, "brelma", 0.3, 0.3)])[0]
    _, beside = made(cards)([Asked(claim, "zorvil", 0.3, 0.3), Asked(claim, "brelma", 0.3, 0.3)])
    assert alone is not None and beside is not None
    assert beside.supports + beside.refutes < alone.supports + alone.refutes


def test_a_passage_that_is_no_card_is_left_to_the_verifier(cards: Path) -> None:
    said = made(cards)(ASKED)
    assert said[0] is not None and said[1] is None
    assert made(cards)(ASKED[1:]) == [None] and made(cards)([]) == []


def test_what_a_claim_turns_round_turns_its_side_and_nothing_else(cards: Path) -> None:
    side, speaks, _ = made(cards).features([Asked("Zorvil lowers blood pressure.", "zorvil", 0.5, 0.1)])
    turned, same, _ = made(cards).features([Asked("Zorvil raises blood pressure.", "zorvil", 0.1, 0.5)])
    assert side[0, 1] == -turned[0, 1] and side[0, 0] > 0 > turned[0, 0]
    assert speaks.shape == same.shape == (1, len(SPEAKS)) and np.allclose(speaks, same, atol=1e-6)


def test_that_no_effect_is_wrong_says_nothing_of_the_direction(cards: Path) -> None:
    """What refutes "no effect" is no word for a direction that the card does not name."""
    row = ZORVIL | {"supports": ["Brelma is a tea."], "refutes": ["Zorvil has no effect on blood pressure."]}
    cards.write_text(json.dumps(row) + "\n")
    side, _, _ = made(cards).features([Asked("Zorvil lowers blood pressure.", "zorvil", 0.3, 0.3)])
    assert abs(side[0, 0]) < 0.05
    side, _, _ = made(cards).features([Asked("Zorvil has no effect on the blood pressure.", "zorvil", 0.3, 0.3)])
    assert side[0, 0] < -0.9


def test_vectors_that_come_along_are_used_and_stale_ones_are_not(cards: Path) -> None:
    """Only what was asked is computed, until a known claim changes; then all of them are, once."""
    words = Words()
    assert write_vectors(words, cards, cards.with_suffix(".safetensors")) == 6
    words.asked = 0
    with_file = made(cards, words)
    with_file(ASKED)
    with_file(ASKED)
    assert words.asked == 2
    cards.write_text(cards.read_text().replace("helps you sleep", "helps people sleep"))
    words.asked = 0
    made(cards, words)(ASKED)
    assert words.asked == 6 + 1


def test_the_vectors_that_come_with_the_project_are_those_of_its_cards() -> None:
    def never(texts: Sequence[str]) -> Floats:
        assert len(texts) == 1, "the known claims would be computed anew on every start"
        return np.full((1, 384), 384**-0.5, np.float32)

    (said,) = Familiar(never)([Asked("Aspirin helps.", json.loads(FILE.read_text().splitlines()[0])["id"], 0.3, 0.3)])
    assert said is not None
    weights = json.loads(familiar_file.WEIGHTS.read_text())
    assert weights["speaks"]["top"] > 0 > weights["speaks"]["behind"] and weights["side"]["vote"] > 0


def verifier(examples: Sequence[Example]) -> list[Prediction]:
    shares = {SUPPORTS: 0.1, REFUTES: 0.8, SILENT: 0.1}
    return [Prediction(REFUTES, REFUTES, shares, source="test") for _ in examples]


def test_the_check_goes_by_what_is_known_and_says_what_it_compared(cards: Path) -> None:
    """Before the verifier's own word, and after the words of the passage; a weaker form of the claim is asked too."""
    sure = Known(0.9, 0.05, "Zorvil lowers blood pressure.", True)
    heard: list[str] = []

    def familiar(asked: Sequence[Asked]) -> list[Known | None]:
        heard.extend(one.claim for one in asked)
        return [sure for _ in asked]

    claim = "Zorvil always brings blood pressure down."
    assert check(claim, lambda text, k: [CARD], verifier).verdict.label == FALSE
    found = check(claim, lambda text, k: [CARD], verifier, familiar=familiar)
    assert found.verdict.label == TRUE and heard == [claim, "Zorvil brings blood pressure down."]
    (row,) = claims.as_dict(found)["claims"][0]["evidence"]
    assert row["compared_with"] == "“Zorvil lowers blood pressure”, which this source supports"
    word = check(CARD.text, lambda text, k: [CARD], verifier, familiar=lambda asked: [Known(0.0, 1.0, "", False)])
    assert word.verdict.label == TRUE and claims.as_dict(word)["claims"][0]["evidence"][0]["compared_with"] == ""
    silent = check(claim, lambda text, k: [CARD], verifier, familiar=lambda asked: [Known(0.1, 0.1, "", False)] * 2)
    assert silent.verdict.label == UNKNOWN


def test_the_page_names_the_known_claim_where_the_passage_speaks() -> None:
    """Not below one that says little, nor where the side is withheld."""
    like = "“Zorvil lowers blood pressure”, which this source supports"

    def evidence(supports: float) -> Evidence:
        return Evidence(CARD, Stance("zorvil", 0.9, supports, 0.05, like=like), CARD.text)

    assert f"Compared with: {like}." in claims._below(evidence(0.9), withheld=False)
    assert "Compared with" not in claims._below(evidence(0.2), withheld=False)
    assert "Compared with" not in claims._below(evidence(0.9), withheld=True)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    empty = tmp_path_factory.mktemp("nothing")
    return Checker(Live(Shelf(empty)), Finder(empty))


@pytest.mark.parametrize(
    ("claim", "labels"),
    [
        ("The MMR vaccine causes autism.", {FALSE}),
        ("Antibiotics kill viruses.", {FALSE}),
        ("Hydroxychloroquine protects against COVID-19.", {FALSE}),
        ("Antibiotics do not work against viruses.", {TRUE}),
        ("Low-dose aspirin lowers the risk of preeclampsia in women at high risk.", {TRUE, UNKNOWN}),
        ("The MMR vaccine is about 97% effective after two doses.", {TRUE, UNKNOWN}),
        ("Garlic lowers blood pressure.", {UNKNOWN, MISLEADING}),
        ("Metformin makes the hair turn grey early.", {UNKNOWN}),
    ],
)
def test_everyday_claims_by_the_cards_and_adapters_that_come_along(page: Checker, claim: str, labels: set[str]) -> None:
    """Looked at while the rules were written: benchmarks/claims.py measures on others."""
    assert page.check(claim).verdict.label in labels


def test_a_card_is_meant_for_a_question_in_the_words_of_its_known_claims(cards: Path, tmp_path: Path) -> None:
    """Near one of them, with little that the card does not name; what is no card is never known to be meant."""
    known = Familiar(Words(), cards, tmp_path / "none.safetensors", tmp_path / "none.json")
    ids = ["zorvil", "brelma", "notes/1"]
    assert known.meant("zorvil lowers blood pressure?", ids) == [True, False, False]
    assert known.meant("zorvil lowers blood pressure after strokes, heart attacks?", ids) == [False, False, False]
    assert known.meant("does brelma tea help you sleep", ids) == [False, True, False]
    assert known.meant("does grelva tea help you sleep", ids) == [False, False, False]


def test_what_is_no_card_costs_nothing(cards: Path, tmp_path: Path) -> None:
    words = Words()
    known = Familiar(words, cards, tmp_path / "none.safetensors", tmp_path / "none.json")
    known.meant("zorvil lowers blood pressure", ["zorvil"])
    before = words.asked
    assert known.meant("Anything?", ["notes/1"]) == [False] and known.meant("Anything?", []) == []
    assert words.asked == before


@pytest.mark.parametrize("topic", ["Cholera", "Thermography", "Antacids", "Back pain"])
def test_what_is_asked_of_a_topic_alone_is_answered_by_the_card_of_that_name(page: Checker, topic: str) -> None:
    """Their sentences are rated low: that one answers what asks for nothing in particular, no rating was fitted to."""
    *_, end = page.ask(f"What is known about {topic.lower()}?", ())
    assert end.sources and topic_of(end.sources[0]) == topic and end.colour == "yellow"
    *_, other = page.ask("What is known about zorvil fever?", ())
    assert not other.quotes
