"""A verdict may hold a person back where medicines could hurt, and never wave them on; elsewhere it stands."""

import gradio as gr
import pytest

import tasks
from models.claims import check
from tabs import claims
from tasks.evidence import Found
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.restraint import direction, matters, plainly_asked, restrained
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, MISLEADING, TRUE, UNKNOWN, VERDICTS, Verdict

PERMIT = (
    "St John's wort can be taken with antidepressants",
    "It is fine to mix ibuprofen with blood thinners",
    "Ibuprofen does not interfere with aspirin",
    "It isn't dangerous to drink alcohol with metronidazole",
    "Grapefruit juice doesn’t affect statins",
    "Statins are safe in pregnancy",
    "Alcohol in pregnancy is harmless in small amounts",
    "Aspirin in pregnancy never harms the baby",
    "Children with flu should be given aspirin",
    "Paracetamol can safely be given to babies",
    "Double doses of paracetamol are fine",
    "You should stop antidepressants as soon as you feel better",
    "You don't need to finish your antibiotics",
    "10 grams of paracetamol a day is safe",
    "Taking twenty tablets of paracetamol is not deadly",
    "Antidepressants can be stopped abruptly",
    "Blood pressure medicine is not needed once the pressure is normal",
    "Isotretinoin does not cause birth defects",
    "None of the antidepressants harms an unborn baby",
    "Warfarin and ibuprofen are compatible",
    "Wine is good for pregnant women",
    "Wine has benefits in pregnancy",
    "Nobody gets hurt by mixing benzodiazepines and opioids",
    "No one dies from mixing alcohol and sleeping pills",
    "Nothing happens if you take ibuprofen with warfarin",
    "Diabetics do not need insulin",
    "Type 1 diabetics can live without insulin",
    "Asthmatics can take aspirin",
    "Drinking bleach is safe",
    "Drinking bleach cures COVID-19",
    "There is little danger in combining statins with alcohol",
    "There is little risk in taking ibuprofen with warfarin",
    "The risk of taking warfarin with ibuprofen is small",
    "Aspirin fails to harm children with flu",
    "It is a myth that ibuprofen is dangerous in pregnancy",
)
WARN = (
    "Ibuprofen can interfere with aspirin",
    "You must never take ibuprofen with aspirin",
    "Aspirin should not be given to children with flu",
    "It is not safe to take NSAIDs in late pregnancy",
    "NSAIDs should be avoided in late pregnancy",
    "Stopping antidepressants suddenly can cause withdrawal symptoms",
    "Smoking in pregnancy is a risk for the baby",
    "Taking double doses of paracetamol damages the liver",
    "Ibuprofen makes aspirin work less well when they are taken together",
    "Nobody should mix benzodiazepines and opioids",
    "Nothing is more dangerous than mixing alcohol and opioids",
    "Mixing alcohol and sleeping pills can be fatal",
    "Thalidomide deforms babies",
    "Grapefruit is not compatible with statins",
    "Statins are not good for pregnant women",
    "Beta blockers should not be stopped suddenly",
    "Stopping benzodiazepines without medical supervision can be dangerous",
    "Aspirin has benefits and risks for children",
    "Patients with asthma should not take aspirin",
    "Drinking bleach is dangerous",
    "Low blood sugar can be dangerous in pregnancy",
    "Too little iron harms the unborn baby",
    "Little children are at risk from aspirin",
    "Women at low risk of pre-eclampsia should not take aspirin in pregnancy",
    "It is a myth that ibuprofen is safe in pregnancy",
    "It is false that alcohol can be mixed with opioids",
)
NEITHER = (
    "Vaccines cause autism in children",
    "Vitamin C prevents COVID-19.",
    "Garlic can completely cure high blood pressure.",
    "Metformin lowers blood sugar",
    "You do not need antibiotics for a cold",
    "Exercise is good for the heart",
    "Alcohol kills viruses on the skin",
    "Bleach kills viruses on surfaces",
    "Drinking bleach does not prevent COVID-19",
    "5G is dangerous",
)


@pytest.mark.parametrize("claim", PERMIT)
def test_what_permits_is_not_called_true(claim: str) -> None:
    found = restrained(claim, Verdict(TRUE, {"entailment": 0.9}, ("card",), "It speaks for it."))
    assert (found.label, found.decided_by, found.trust) == (UNKNOWN, ("card",), 0)
    assert found.withheld and next(iter(matters(claim).values())) in found.why
    assert restrained(claim, Verdict(FALSE)).label == FALSE


@pytest.mark.parametrize("claim", WARN)
def test_what_warns_is_not_called_false(claim: str) -> None:
    found = restrained(claim, Verdict(FALSE, {"entailment": 0.9}, ("card",), "It speaks against it."))
    assert found.label == UNKNOWN and found.withheld and not found.parts
    assert restrained(claim, Verdict(TRUE)).label == TRUE


@pytest.mark.parametrize(
    "claim",
    [
        "Grapefruit rarely interacts with statins",
        "Ibuprofen is unlikely to harm an unborn baby",
        "Statins can rarely cause fatal muscle damage when taken with grapefruit",
    ],
)
@pytest.mark.parametrize("label", [TRUE, FALSE])
def test_that_harm_is_rare_is_called_neither_true_nor_false(claim: str, label: str) -> None:
    """It plays down, and it warns."""
    assert restrained(claim, Verdict(label)).withheld


@pytest.mark.parametrize("claim", NEITHER)
@pytest.mark.parametrize("label", VERDICTS)
def test_elsewhere_a_verdict_stands(claim: str, label: str) -> None:
    given = Verdict(label, {"entailment": 0.9}, ("card",), "so")
    assert restrained(claim, given) is given


@pytest.mark.parametrize("claim", [*PERMIT, *WARN])
def test_other_verdicts_stand_in_these_matters_too(claim: str) -> None:
    assert matters(claim)
    for label in (MISLEADING, UNKNOWN):
        given = Verdict(label)
        assert restrained(claim, given) is given


def test_a_claim_that_permits_where_nothing_can_hurt_stands() -> None:
    """Direction alone is no reason."""
    assert direction("Tap water is safe") == "permits" and not matters("Tap water is safe")
    assert restrained("Tap water is safe", Verdict(TRUE)).label == TRUE


def test_the_check_holds_back_and_shows_its_evidence() -> None:
    def sure(examples: list[Example]) -> list[Prediction]:
        return [Prediction(SUPPORTS, SUPPORTS, {SUPPORTS: 0.9, REFUTES: 0.05, SILENT: 0.05}) for _ in examples]

    card = Found("card", "Serious effects were seen together.", 0.9, kind="review")
    checked = check("St John's wort can be taken with antidepressants", lambda text, k: [card], sure)
    assert checked.verdict.label == UNKNOWN and checked.claims[0].evidence[0].found is card
    assert "pharmacist" in checked.claims[0].verdict.why and claims.NONE in claims.verdict_text(checked)
    drawn = claims._drawn(tasks.get("health_claims"), checked)
    (passage,) = [part for part in drawn if isinstance(part, gr.HighlightedText) and part.visible]
    assert passage.label == claims.WITHHELD and passage.value == [{"token": card.text, "class_or_confidence": None}]
    assert claims.as_dict(checked)["claims"][0]["withheld"]


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("Is stopping an SSRI safe?", False),
        ("Is stopping an SSRI harmless?", False),
        ("Is aspirin for bowel cancer free of risks?", False),
        ("Is glucosamine useless for back pain?", False),
        ("Can statins be taken with grapefruit?", False),
        ("Does vitamin D not help bones?", False),
        ("Does aspirin prevent strokes?", True),
        ("Can garlic cure high blood pressure?", True),
        ("Is aspirin recommended in pregnancy?", True),
        ("Does smoking harm the lungs?", True),
    ],
)
def test_a_yes_is_read_only_for_questions_that_ask_no_leave_and_deny_nothing(question: str, plain: bool) -> None:
    assert plainly_asked(question) is plain
