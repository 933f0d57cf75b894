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
        ("can I go cold turkey on xanax", STOPPING),
        ("stopped my warfarin cold turkey", STOPPING),
        ("how do I taper prednisone", STOPPING),
        ("I want to give up my statins", STOPPING),
        ("can I halve my warfarin tonight", STOPPING),
        ("should I leave out my metformin before the scan", STOPPING),
        ("I ran out of my levothyroxine", STOPPING),
        ("I don't want to take my statins any more", STOPPING),
        ("I forgot my pill this morning", DOSING),
        ("I've missed two of my tablets", DOSING),
        ("can I drink on antibiotics", TOGETHER),
        ("is one pint ok on metronidazole", TOGETHER),
        ("Can I have ibuprofen when I take warfarin?", TOGETHER),
        ("is naproxen ok if I'm still on lithium", TOGETHER),
        ("paracetamol on top of codeine ok?", TOGETHER),
        ("is viagra ok with nitrates", TOGETHER),
        ("does sertraline clash with tramadol", TOGETHER),
        ("naproxen and aspirin at the same time?", TOGETHER),
        ("May I take both at the same time?", TOGETHER),
        ("my 8 yr old has a fever", CHILD),
        ("calpol for my 6mo", CHILD),
        ("my little girl has a rash", CHILD),
        ("can I give my baby calpol, I'm breastfeeding", CHILD),
        ("I'm pregnant and our first baby has a fever", CHILD),
        ("I'm 20 weeks, is ibuprofen ok", PREGNANT),
        ("I am 12 wks gone and have hay fever", PREGNANT),
        ("expecting mother with a cold", PREGNANT),
        ("I'm 30 weeks along and have heartburn", PREGNANT),
        ("she's 9 weeks, may she fly", PREGNANT),
        ("I am 14 weeks today. Is sushi fine?", PREGNANT),
        ("my wife is expecting, can she take paracetamol", PREGNANT),
        ("we are trying for a baby, can I take roaccutane", PREGNANT),
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
        "I want to give up smoking, quit cold turkey",
        "how do I reduce my cholesterol",
        "I forgot my appointment and missed my bus",
        "what should I drink when I have diarrhoea",
        "drink plenty of water when taking antibiotics",
        "I have had this cough for 20 weeks",
        "I am 20 weeks post op, 12 weeks into training",
        "I'm expecting my test results",
        "I'm 6 weeks now on sertraline",
        "I am 10 weeks and still coughing",
        "I am 4 weeks so far without cigarettes",
        "I am expecting so many side effects",
        "several risk factors at the same time",
        "Does the heart clash with the lungs?",
        "How long do I take baby aspirin?",
        "How many hours should I sleep?",
        "how much does it cost",
        "How do I treat a burn?\nIt depends on how deep it is and on how much skin is burned.",
    ],
)
def test_what_is_no_such_matter_gets_the_general_line(text: str) -> None:
    assert referrals(text) == {} and referred(text, "") == GENERAL


@pytest.mark.parametrize(
    "text",
    [
        "In pregnancy aspirin does not prevent a baby growing too slowly.",
        "Pregnant women take aspirin every day up to the birth of the baby.",
        "With several risk factors for preeclampsia, more than one at the same time, aspirin is considered.",
        "We are trying for a baby, can I take roaccutane?",
    ],
)
def test_the_unborn_and_risks_at_the_same_time_call_for_the_line_on_pregnancy_alone(text: str) -> None:
    assert list(referrals(text)) == [PREGNANT]


@pytest.mark.parametrize(
    "asked",
    [
        "Is lithium safe?\nwith ibuprofen?",
        "Is lithium safe?\nWhat about with ibuprofen?",
        "Is lithium safe?\nAnd what about with my ibuprofen?",
        "What is warfarin for?\nwith aspirin?",
        "What is warfarin for?\n- plus St John\u2019s wort?",
        "Does sertraline help?\nok, and with tramadol?",
        "Does sertraline help?\nHow about alongside the other tablets?",
        "Does sertraline help?\nor on top of tramadol?",
        "with ibuprofen?",
    ],
)
def test_a_follow_up_on_a_second_medicine_is_a_matter_of_both(asked: str) -> None:
    assert TOGETHER in referrals(asked) and referrals(asked)[TOGETHER] in referred(asked, "It may be.")


@pytest.mark.parametrize(
    "asked",
    [
        "Is lithium safe?\nwith food?",
        "Is lithium safe?\nWhat about with asthma?",
        "What is warfarin for?\nAnd with a glass of water?",
        "What is warfarin for?\nWhat about in the morning?",
        "Does sertraline help?\nPeople with asthma ask about a tablet.",
        "with food? I like bread, not tablets",
    ],
)
def test_a_follow_up_on_something_else_is_no_matter_of_two_medicines(asked: str) -> None:
    assert TOGETHER not in referrals(asked)
