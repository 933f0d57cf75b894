"""A question about medicines is sent to somebody who knows the asker; other questions get the general line alone."""

import pytest

from tasks.referral import GENERAL, referrals, referred

STOPPING, DOSING, CHILD, TOGETHER = "stopping a medicine", "dosing", "children", "interactions"
PREGNANT = "pregnancy and breastfeeding"


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("Can I stop sertraline?", STOPPING),
        ("Is it safe to come off citalopram slowly?", STOPPING),
        ("My doctor gave me ramipril. Should I stop it?", STOPPING),
        ("Can warfarin be stopped before surgery?", STOPPING),
        ("I skipped two days of my lamotrigine", STOPPING),
        ("Can I take ibuprofen with aspirin?", TOGETHER),
        ("Can I take ibuprofen and paracetamol?", TOGETHER),
        ("Is it safe to have sertraline plus tramadol?", TOGETHER),
        ("Can I use St John's wort with fluoxetine?", TOGETHER),
        ("Are lithium and ibuprofen compatible?", TOGETHER),
        ("Can my 3yo have it?", CHILD),
        ("My two-year-old has a cough", CHILD),
        ("my grandson, 7, has a cough", CHILD),
        ("My six-week-old niece has a cough", CHILD),
        ("Are 10 grams too much?", DOSING),
        ("I took twelve tablets", DOSING),
        ("Does isotretinoin cause birth defects?", PREGNANT),
        ("May nursing mothers take codeine?", PREGNANT),
    ],
)
def test_a_matter_is_named_in_the_words_people_use(question: str, matter: str) -> None:
    assert matter in referrals(question)
    assert referrals(question)[matter] in referred(question, "See below.")


@pytest.mark.parametrize(
    "text",
    [
        "How do I stop a nosebleed?\nIt usually ends when you pinch it. Take no aspirin.",
        "How do I stop it bleeding?",
        "How do I stop hiccups?\nDrugs are seldom needed for them.",
        "How do I stop migraine?",
        "Should I stop eating bread and other routine things?",
        "Can I take ibuprofen with food?",
        "Take ibuprofen with a glass of water and a meal.",
        "What helps people with high blood pressure?",
        "Can my 45yo wife have it?",
        "My sixty-two-year-old father has a cough",
        "A 65-year-old man has a cough",
        "My haemoglobin is 12 g/dL and 5G is here",
    ],
)
def test_what_is_no_such_matter_gets_the_general_line(text: str) -> None:
    assert referrals(text) == {} and referred(text, "") == GENERAL
