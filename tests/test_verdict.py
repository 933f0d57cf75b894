"""The rule from stances to a verdict: each of its five steps, and what the trust score is made of."""

import pytest

from tasks.passage import sentences
from tasks.spec import UserError
from tasks.verdict import FALSE, MISLEADING, TRUE, UNKNOWN, Limits, Stance, Verdict, atomic, decide, joined, softened


def stance(name: str, supports: float, refutes: float, near: float = 0.9, kind: str = "review") -> Stance:
    return Stance(name, near, supports, refutes, kind)


def test_the_stronger_side_decides() -> None:
    """And the passage that decided is named."""
    assert decide([stance("a", 0.9, 0.05)]).label == TRUE
    found = decide([stance("a", 0.3, 0.3), stance("b", 0.05, 0.9)])
    assert (found.label, found.decided_by) == (FALSE, ("b",))


def test_what_is_said_without_weight_decides_nothing() -> None:
    """Below the threshold the side it leans to is named, and no verdict is given."""
    found = decide([stance("a", 0.55, 0.2)])
    assert found.label == UNKNOWN and "leans towards the claim, but not clearly enough" in found.why and not found.parts
    assert decide([stance("a", 0.55, 0.2)], limits=Limits(sure=0.5)).label == TRUE


@pytest.mark.parametrize("silent", [[], [stance("a", 0.2, 0.2)], [stance("a", 0.95, 0.01, near=0.1)]])
def test_nothing_is_said_without_evidence(silent: list[Stance]) -> None:
    """Neither a silent passage nor one far from the claim makes a verdict, and such a verdict has no trust score."""
    found = decide(silent)
    assert (found.label, found.trust, found.parts, found.colour) == (UNKNOWN, 0, {}, "red")


def test_conflicting_evidence_is_misleading_and_names_both() -> None:
    """Two passages of like weight that disagree decide nothing; a weak one does not outweigh a strong one."""
    found = decide([stance("a", 0.9, 0.05), stance("b", 0.05, 0.85)])
    assert found.label == MISLEADING and set(found.decided_by) == {"a", "b"}
    assert decide([stance("a", 0.9, 0.05), stance("b", 0.05, 0.85, near=0.3)]).label == TRUE


@pytest.mark.parametrize(
    ("stances", "label"),
    [
        ([stance("a", 0.55, 0.4), stance("b", 0.5, 0.45)], UNKNOWN),
        ([stance("a", 0.9, 0.05), stance("b", 0.5, 0.48)], TRUE),
        ([stance("a", 0.9, 0.05), stance("b", 0.3, 0.55)], TRUE),
        ([stance("a", 0.3, 0.58), stance("b", 0.58, 0.3)], UNKNOWN),
        ([stance("a", 0.05, 0.9), stance("b", 0.48, 0.52)], FALSE),
        ([stance("a", 0.9, 0.05), stance("b", 0.3, 0.65)], MISLEADING),
        ([stance("a", 0.5, 0.49)], UNKNOWN),
        ([stance("a", 0.9, 0.05), stance("a", 0.05, 0.9)], FALSE),
    ],
)
def test_only_passages_that_lean_plainly_two_ways_conflict(stances: list[Stance], label: str) -> None:
    """Neither one that leans the same way, nor one that could decide nothing, nor one and the same."""
    assert decide(stances).label == label


def test_the_colours_begin_where_they_are_said_to() -> None:
    said = {trust: Verdict(TRUE, {"entailment": trust / 100}).colour for trust in (100, 60, 59, 30, 29, 0)}
    assert list(said.values()) == ["green", "green", "yellow", "yellow", "red", "red"]


def test_the_whole_is_trusted_as_little_as_its_weakest_part() -> None:
    strong, weak = decide([stance("a", 0.95, 0.0)]), decide([stance("b", 0.65, 0.1)])
    assert weak.trust < strong.trust
    assert joined([strong, weak]).trust == joined([weak, strong]).trust == weak.trust
    against = decide([stance("c", 0.0, 0.95)])
    assert joined([against, weak]).trust == weak.trust


def test_evidence_for_something_weaker_is_misleading() -> None:
    """The claim is refuted or unsupported as it stands, and supported without its absolute words."""
    mild = [stance("a", 0.9, 0.05)]
    assert decide([stance("a", 0.05, 0.9)], mild).label == MISLEADING
    assert decide([stance("a", 0.2, 0.1)], mild).label == MISLEADING
    assert decide([stance("a", 0.2, 0.1)], [stance("a", 0.55, 0.2)]).label == UNKNOWN
    assert decide([stance("a", 0.05, 0.9)], [stance("a", 0.05, 0.9)]).label == FALSE


def test_the_trust_score_is_the_product_of_its_parts() -> None:
    """Each of the four is a share, a dispute and a weak source lower it."""
    one = decide([stance("a", 0.9, 0.05)])
    product = 100.0
    for share in one.parts.values():
        assert 0 <= share <= 1
        product *= share
    assert one.trust == round(product) and list(one.parts) == ["retrieval", "entailment", "agreement", "source"]
    disputed = decide([stance("a", 0.9, 0.05), stance("b", 0.1, 0.5)], limits=Limits(conflict=0.9))
    assert disputed.label == TRUE and disputed.trust < one.trust
    assert decide([stance("a", 0.9, 0.05, kind="blog")]).trust < one.trust


def test_parts_of_a_claim_are_joined() -> None:
    """All alike stands, a mixture misleads, and silence on a part is said."""
    true, false, none = decide([stance("a", 0.9, 0.0)]), decide([stance("b", 0.0, 0.9)]), decide([])
    assert joined([true, true]).label == TRUE
    assert joined([true, false]).label == MISLEADING
    assert joined([true, none]).label == UNKNOWN
    assert joined([false, none]).label == FALSE
    assert joined([none, none]).label == UNKNOWN
    with pytest.raises(UserError):
        joined([])


def test_absolute_words_are_taken_out() -> None:
    """What is left is the weaker statement; a claim without any has none."""
    assert softened("Garlic can completely cure high blood pressure") == "Garlic can help with high blood pressure"
    assert softened("Vitamin C always prevents colds") == "Vitamin C prevents colds"
    assert softened("Aspirin thins blood") is None
    assert softened("Always never") is None


@pytest.mark.parametrize(
    "claim",
    [
        "You should never take aspirin with warfarin",
        "Never give aspirin to children",
        "Vaccines are not completely safe",
        "Masks aren't always needed",
        "Nobody is fully protected by one dose",
        "No vaccine is entirely without risk",
        "Garlic cannot cure cancer",
        "Not everyone needs statins",
        "It is a myth that garlic cures cancer",
        "Garlic fails to completely cure anything",
    ],
)
def test_a_claim_that_denies_is_not_turned_round(claim: str) -> None:
    assert softened(claim) is None


@pytest.mark.parametrize(
    ("claim", "mild"),
    [
        ("Everyone benefits from vitamin D", "benefits from vitamin D"),
        ("Knots always cause pain", "Knots cause pain"),
        ("Honey definitely cures coughs", "Honey helps with coughs"),
        ("Masks are 100% effective", "Masks are effective"),
        ("Masks are 100 % effective.", "Masks are effective."),
        ("Masks are 100 percent effective", "Masks are effective"),
        ("Masks are 100 per cent effective", "Masks are effective"),
    ],
)
def test_a_claim_that_affirms_is_still_softened(claim: str, mild: str) -> None:
    assert softened(claim) == mild


def test_a_text_is_split_into_what_it_claims() -> None:
    """Sentence by sentence, a conclusion apart; questions and empty text are no claims."""
    garlic = "Garlic can completely cure high blood pressure, so you don't need medications."
    assert atomic(garlic) == ["Garlic can completely cure high blood pressure.", "You don't need medications."]
    assert atomic("Aspirin thins blood. It helps. Does it?") == ["Aspirin thins blood.", "It helps."]
    assert atomic("Salt and people with pressure") == ["Salt and people with pressure"]
    for nothing in ("Does garlic help?", "?!", "A."):
        with pytest.raises(UserError):
            atomic(nothing)
    with pytest.raises(UserError):
        atomic("Aspirin thins blood. " * 9)


def test_a_title_ends_no_sentence() -> None:
    """Or a plant would lose half its name, and the other half would be searched for."""
    assert atomic("St. John's wort eases low mood. Dr. Smith says so.") == [
        "St. John's wort eases low mood.",
        "Dr. Smith says so.",
    ]
    assert sentences("It helps. St. John's wort does. So says Prof. Lee.") == [
        "It helps.",
        "St. John's wort does.",
        "So says Prof. Lee.",
    ]


def test_parts_of_which_none_is_known_say_what_was_found_of_them() -> None:
    leans = Verdict(UNKNOWN, decided_by=("a",), why="What was found leans for it.")
    held = Verdict(UNKNOWN, decided_by=("b",), why="No verdict is given here.", withheld=True)
    found = joined([leans, Verdict(UNKNOWN, why="Nothing found says whether this is so."), held])
    assert found.why == "What was found leans for it. No verdict is given here."
    assert (found.label, found.decided_by, found.withheld) == (UNKNOWN, ("a", "b"), True)


def test_a_withheld_part_is_told_beside_the_others() -> None:
    """Its warning stands in every verdict on the whole, and no green trust beside what is not known."""
    true, false = decide([stance("a", 0.9, 0.0)]), decide([stance("b", 0.0, 0.9)])
    held = Verdict(UNKNOWN, decided_by=("c",), why="Ask a pharmacist first.", withheld=True)
    found = joined([true, held])
    assert (found.label, found.withheld, found.parts, found.colour) == (UNKNOWN, True, {}, "red")
    assert "no verdict is given on the rest. Ask a pharmacist first." in found.why
    for parts, label in (([false, held], FALSE), ([true, false, held], MISLEADING)):
        found = joined(parts)
        assert (found.label, found.withheld) == (label, False) and found.why.endswith("Ask a pharmacist first.")
    silent = joined([true, decide([])])
    assert (silent.label, silent.withheld, silent.parts) == (UNKNOWN, False, {}) and "no verdict" not in silent.why


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Vitamin D (e.g. 800 IU daily) reduces falls.", ""),
        ("Antibiotics, e.g. Amoxicillin, cure the flu.", ""),
        ("Sugar, i.e. Glucose, feeds cells.", ""),
        ("The U.S. Food and Drug Administration approved Zorvil.", ""),
        ("As Lee et al. Showed, it helps approx. 30 people vs. 20.", ""),
        ("Garlic lowers blood\npressure in adults.", "Garlic lowers blood pressure in adults."),
    ],
)
def test_an_abbreviation_or_a_wrapped_line_ends_no_claim(text: str, whole: str) -> None:
    assert atomic(text) == [whole or text]


def test_lines_are_claims_of_their_own() -> None:
    assert atomic("Aspirin thins blood\nGarlic helps.\nit works well") == [
        "Aspirin thins blood",
        "Garlic helps.",
        "it works well",
    ]
