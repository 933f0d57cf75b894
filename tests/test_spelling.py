"""Misspelt words are put right for the search, what may be a word or a medicine never; and it is said."""

import re

import pytest

from models.answering import reply
from models.checker import spelled
from models.knowledge.cards import passages
from models.spelling import Speller
from tasks.evidence import Found

CARDS = {word for p in passages() for word in re.findall(r"[a-z]+", " ".join([p.title, p.text, *p.also]).lower())}
KNOWN = {"happen", "happens", "worry", "stop", "cough", "children", "medicine", "insulin"}
SPELLER = Speller(KNOWN.__contains__, CARDS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Is asprin safe?", "Is aspirin safe?"),
        ("ibuprofin dose", "ibuprofen dose"),
        ("paracetmol and alcohol", "paracetamol and alcohol"),
        ("Do antibotics help a cold?", "Do antibiotics help a cold?"),
        ("Is it safe in pregnency?", "Is it safe in pregnancy?"),
        ("high cholestrol", "high cholesterol"),
        ("metforman and alchohol", "metformin and alcohol"),
        ("hypertensoin", "hypertension"),
    ],
)
def test_a_misspelt_word_becomes_the_word_of_a_card(typed: str, meant: str) -> None:
    assert SPELLER(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        "happens",
        "happening",
        "worried",
        "stopped",
        "coughing",
        "zorvilosis",
        "hydroxyzine",
        "hydralazine",
        "clonidine",
        "prednisolone",
        "prednisone",
        "chlorpropamide",
        "chlorpromazine",
        "carbamazepine",
        "atorvastatin",
        "doxycycline",
        "XYZVAX1",
        "asp",
        "aspir-in",
    ],
)
def test_a_word_or_a_medicine_is_left_alone(word: str) -> None:
    assert SPELLER(f"does {word} help?") == f"does {word} help?"


OPPOSITES = """
hyperglycemia hypoglycemia, hypertension hypotension, hyperthyroidism hypothyroidism, hypernatremia hyponatremia,
hyperkalemia hypokalemia, hypercalcemia hypocalcemia, hyperthermia hypothermia, pharyngitis laryngitis,
nephropathy neuropathy, diverticulosis diverticulitis, endometritis endometriosis, osteopetrosis osteoporosis,
encephalitis panencephalitis, lactulose lactose, galactose lactose, bactrim bacterium, lactase lactose,
adduction abduction, adductor abductor, intramuscular intermuscular, intracellular intercellular,
subclavian supraclavicular, submental supramental, antenatal antinatal, antepartum antipartum, ileal ilial,
ileostomy iliostomy, ileocecal iliocecal, dysphagia dysphasia, nitrate nitrite, chloride chlorine, nephritis nephrosis,
tracheotomy tracheostomy, macroscopic microscopic, esotropia exotropia, thrombocytosis thrombocytopenia,
leukemia leukopenia, hematoma hematuria, sulfate sulfite
"""


@pytest.mark.parametrize("pair", [tuple(pair.split()) for pair in OPPOSITES.split(",")], ids=lambda pair: pair[0])
def test_no_word_becomes_its_opposite(pair: tuple[str, str]) -> None:
    """Even of those that nobody knows, and that stand on no card themselves."""
    for typed, other in (pair, pair[::-1]):
        assert Speller(lambda word: False, [other])(typed) == typed


def test_what_is_as_near_to_two_opposites_stays() -> None:
    both = Speller(lambda word: False, ["hypertension", "hypotension"])
    assert both("hyprtension") == "hyprtension" and both("hypertnsion") == "hypertension"
    assert (
        Speller(lambda word: False, ["hypoglycemia", "nephrosis"])("hyprglycemia nephrotis") == "hyprglycemia nephrotis"
    )


def test_the_name_of_a_diagnosis_is_no_slip() -> None:
    for word in ("arteritis", "hypotension", "pharyngitis", "encephalitis"):
        assert spelled(f"What is {word}?") == f"What is {word}?"


def test_what_was_searched_for_instead_is_said_and_whom_to_ask_read_from_both() -> None:
    card = Found("a", "Aspirin with warfarin makes bleeding likelier.", 0.9)
    asked: list[str] = []

    def search(question: str, k: int) -> list[Found]:
        asked.append(question)
        return [card]

    *_, end = reply("Can I take asprin with warfarin?", (), search, lambda q, c: [0.9] * len(c), spell=SPELLER)
    assert asked == ["Can I take aspirin with warfarin?"] and end.spelt == ("aspirin",)
    assert end.text.startswith("Searched for: aspirin.\n\n“Aspirin with") and "Before combining" in end.referral
    *_, end = reply("Can I take aspirin with warfarin?", (), search, lambda q, c: [0.9] * len(c), spell=SPELLER)
    assert "Searched for" not in end.text


def test_an_english_word_is_never_taken_for_a_misspelt_one() -> None:
    """Searched were colonic seizures, a drooping toddler, secret glands."""
    for word in ("clonic", "drooling", "secrete", "adduction", "ectopia", "habitus", "ribbing", "cytosine"):
        assert spelled(f"What is {word}?") == f"What is {word}?"
    assert spelled("Do antibotics help in pregnency?") == "Do antibiotics help in pregnancy?"
