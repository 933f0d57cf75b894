"""Kinds told apart by one letter or number: no answer and no verdict from another kind."""

import pytest

from models.answering import reply
from models.claims import check
from tasks.evidence import Found
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.kinds import kinds, of_another_kind
from tasks.spec import Prediction
from tasks.verdict import TRUE, UNKNOWN

SLOW = Found("type2", "Type 2 diabetes comes on slowly.", 0.9, title="Signs of type 2 diabetes", kind="reference")


def test_letters_and_numbers_are_read_however_they_are_written() -> None:
    said = "Hepatitis-B, vitamins D3, Type II and type 1 diabetes; a type of cough."
    assert kinds(said) == {("hepatitis", "b"), ("vitamin", "d3"), ("type", "2"), ("type", "1")}


@pytest.mark.parametrize(
    ("asked", "text", "another"),
    [
        ("Does hepatitis B go away?", "Hepatitis A usually clears up.", True),
        ("Is there a vaccine against hepatitis E?", "There are vaccines against hepatitis A and hepatitis B.", True),
        ("Is there a vaccine against hepatitis B?", "There are vaccines against hepatitis A and hepatitis B.", False),
        ("Does hepatitis go away?", "Hepatitis A usually clears up.", False),
        ("Does hepatitis B go away?", "Hepatitis can go away.", False),
        ("Is type II diabetes slow?", "Type 2 diabetes comes on slowly.", False),
        ("Does vitamin D help?", "Vitamin D3 was given.", False),
        ("Does vitamin D help?", "Vitamin C was given.", True),
        ("Hepatitis A, and vitamin D?", "Hepatitis A, and vitamin C.", True),
        ("Does hepatitis C harm the liver?", "Long-lasting hepatitis B or C harms it.", False),
        ("Does hepatitis A harm the liver?", "Long-lasting hepatitis B or C harms it, and a virus.", True),
        ("Does vitamin E help?", "Vitamins C, D and E were given.", False),
        (
            "Fish oil helps after a liver transplant.",
            "Fish oil was not found to help people with a kidney transplant.",
            True,
        ),
        (
            "Fish oil helps after a renal transplant.",
            "Fish oil was not found to help people with a kidney transplant.",
            False,
        ),
        ("Does screening find prostate cancer?", "Screening finds cancer of the breast early.", True),
        ("Does it cause breast cancer?", "It is linked with breast, colon and ovarian cancers.", False),
        ("Does it cause colon cancer?", "It is linked with bowel cancer.", False),
        ("Does it cause kidney disease?", "It raises the risk of heart disease and harms the kidneys.", False),
        ("Does it cause cancer?", "It raises the risk of lung cancer.", False),
        ("Is it an ear infection?", "A urinary infection is treated with antibiotics.", True),
    ],
)
def test_a_text_on_another_kind_is_known(asked: str, text: str, another: bool) -> None:
    assert of_another_kind(asked, text) is another


@pytest.mark.parametrize(("question", "quoted"), [("Does type 1 diabetes come on slowly?", 0), ("Does type 2?", 1)])
def test_no_question_is_answered_from_another_kind(question: str, quoted: int) -> None:
    *_, end = reply(question, [], lambda q, k: [SLOW], lambda q, c: [0.9] * len(c))
    assert len(end.quotes) == quoted


@pytest.mark.parametrize(
    ("claim", "label"), [("Type 1 diabetes comes on slowly.", UNKNOWN), ("Type 2 diabetes comes on slowly.", TRUE)]
)
def test_no_claim_is_judged_by_another_kind(claim: str, label: str) -> None:
    said = Prediction(SUPPORTS, SUPPORTS, {SUPPORTS: 0.95, REFUTES: 0.02, SILENT: 0.03})
    checked = check(claim, lambda q, k: [SLOW], lambda rows: [said] * len(rows))
    assert checked.verdict.label == label
    assert (checked.claims[0].evidence[0].stance.says > 0.5) == (label == TRUE)  # nor shown as if it were
