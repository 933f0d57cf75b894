"""What a pronoun stands for is put in its place, and where it cannot be, no stranger's passage speaks."""

from collections.abc import Sequence

import pytest

from models.claims import check
from tasks.evidence import Found
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.pointing import spelled_out
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, TRUE, UNKNOWN, atomic, parts_of


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Garlic is a plant. It cures colds.", "Garlic cures colds."),
        ("Statins are medicines. They lower cholesterol.", "Statins lower cholesterol."),
        ("What about zinc? It prevents colds.", "Zinc prevents colds."),
        ("Exercise is healthy. It lowers blood pressure. It helps sleep.", "Exercise helps sleep."),
        ("No vaccines are safe. They cause autism.", "Vaccines cause autism."),
        ("Not all statins are cheap. They cause pain.", "Statins cause pain."),
        ("Few of the old herbs are tested. They cure colds.", "The old herbs cure colds."),
        ("Most antibiotics are cheap. They treat flu.", "Antibiotics treat flu."),
        ("Only zinc helps. It cures colds.", "Zinc cures colds."),
        ("The vaccine is new. It causes fever.", "The vaccine causes fever."),
        ("Grapefruit and statins can interact. They are unsafe.", "Grapefruit and statins are unsafe."),
    ],
)
def test_a_pronoun_is_spelled_out(text: str, last: str) -> None:
    assert spelled_out(parts_of(text))[-1][0] == last


@pytest.mark.parametrize(
    "text",
    [
        "It helps.",
        "Zinc is a metal. They prevent colds.",
        "Zinc is a metal. It is a myth that masks help.",
        "Zinc is a metal. It takes ten days to work.",
        "Zinc is a metal. These tablets help.",
        "I take statins. They help.",
        "Is zinc good? It prevents colds.",
        "Nothing is better than garlic. It cures cancer.",
        "Nobody should take zinc. It causes cancer.",
        "None are safe. They cause cancer.",
        "When fever is high act fast. It is dangerous.",
        "If zinc is taken early act fast. It is dangerous.",
        "In children aspirin is risky. It causes bleeding.",
        "Neither garlic nor onion is harmful. It cures colds.",
        "Without insulin diabetes is deadly. It kills quickly.",
    ],
)
def test_what_may_stand_for_something_else_stays(text: str) -> None:
    parts = parts_of(text)
    assert spelled_out(parts)[-1][0] == parts[-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- garlic helps colds\n- zinc helps colds", ["garlic helps colds", "zinc helps colds"]),
        ("1. Vitamin C helps.\n2. Zinc helps.", ["Vitamin C helps.", "Zinc helps."]),
        ("\N{BULLET} Zinc helps", ["Zinc helps"]),
        ("(1) Zinc helps.\n(2) Salt harms.", ["Zinc helps.", "Salt harms."]),
        ("5 mg helps.", ["5 mg helps."]),
        ("0.5 mg is enough.", ["0.5 mg is enough."]),
    ],
)
def test_a_bullet_or_a_number_before_a_line_is_no_part_of_the_claim(text: str, said: list[str]) -> None:
    assert atomic(text) == said


def test_the_check_judges_a_claim_with_what_it_points_at() -> None:
    asked: list[str] = []
    cards = [Found("q", "Zorvil prevents gout.", 0.9, kind="guideline"), Found("v", "Garlic smells.", 0.8)]

    def search(text: str, k: int) -> Sequence[Found]:
        asked.append(text)
        return cards

    def answer(examples: Sequence[Example]) -> list[Prediction]:
        scores = {SUPPORTS: 0.05, REFUTES: 0.9, SILENT: 0.05}
        silent = {SUPPORTS: 0.05, REFUTES: 0.05, SILENT: 0.9}
        said = [scores if "prevents" in e.text and "Zorvil" in e.context else silent for e in examples]
        return [Prediction(SILENT, SILENT, one) for one in said]

    found = check("What about zorvil? It prevents gout.", search, answer)
    assert [j.claim for j in found.claims] == ["Zorvil prevents gout."] and found.verdict.label == TRUE
    unclear = check("Is garlic any good? It prevents gout.", search, answer)
    assert asked[-1] == "It prevents gout. (garlic)" and unclear.verdict.label == UNKNOWN
    assert [e.found.id for e in unclear.claims[0].evidence] == ["v"]
    assert check("It prevents gout.", search, answer).verdict.label == FALSE
