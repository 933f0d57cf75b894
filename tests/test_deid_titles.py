"""Names after titles and initials that no lexicon has, and what is no name there; towns, ages, insurance numbers."""

import pytest
from test_deidentify import marked

from tasks.deidentify import deidentify, find

MASKED = [
    "Seen by Dr {NAME:J. Whitfield} in clinic.",
    "Dr. {NAME:K. Ashcroft} reviewed the wound; Mr. {NAME:T. Braithwaite} fell at home.",
    "Mrs. {NAME:P. Featherstone} has COPD.",
    "Ms {NAME:Whitfield} attended alone. Ms {NAME:K. Smith} was seen today.",
    "Miss {NAME:K. Pemberton} takes the pill, Miss {NAME:Long} does too.",
    "MISS {NAME:WHITFIELD} WAS SEEN TODAY IN THE CLINIC.",
    "Patient: {NAME:J. Smith}",
    "Patient: {NAME:J. Whitfield}, seen in clinic",
    "Re: {NAME:J. Smith}",
    "Re: {NAME:K.L. Ravensworth}",
    "Re: Ms {NAME:Ollerenshaw}",
    "Dear Ms {NAME:Ollerenshaw},",
    "Nurse {NAME:Whitfield} dressed the ulcer. Seen with Nurse {NAME:Ackroyd}.",
    "Sister {NAME:Ackroyd} gave her paracetamol. Discussed with Sister {NAME:Hargreaves}.",
    "Discussed with Doctor {NAME:Ackroyd}. Rev {NAME:Ackroyd} visited.",
    "Seen by {NAME:J. Ollerenshaw} today; discussed with {NAME:P. Hebblethwaite} by phone.",
    "GP: Dr {NAME:A. Oldershaw}",
    "He was {AGE:101} last birthday. She will be {AGE:94} next birthday.",
    "NI number {ID:QQ 12 34 56 C}",
    "National Insurance number: {ID:AB123456D}; N.I. no. {ID:CE 65 43 21 A} on file",
    "Card shows {ID:JG 10 37 59 A} only.",
    "Admitted to {LOCATION:St James's Hospital}, {LOCATION:Leeds}.",
    "Seen at {LOCATION:Whiston Hospital}, {LOCATION:Prescot}, last week.",
    "Letter from {LOCATION:Torbay Hospital}, {LOCATION:Torquay}",
]
KEPT = [
    "Miss Metformin for two days and restart. Miss Lisinopril at most once.",
    "Do not Miss Appointments. You Miss Whitening strips.",
    "Sister has asthma. Sister Diabetes, brother well. Sister: Asthma.",
    "Nurse Practitioner clinic next week. Nurse Manager aware. Nurse Triage line called. Nurse Educator saw her.",
    "Nurse Visit planned. Nurse Staffing low. Doctor Visit next week. Officer In Charge informed.",
    "Wound grew E. Coli and S. Aureus.",
    "Re: H. Pylori eradication",
    "Patient: C. Diff positive",
    "Patient: A. Fib on telemetry",
    "Patient: Anxious, tearful.",
    "MS Relapse in spring, MS Clinic follow up. MR Spectroscopy was normal.",
    "MS Contin 15 mg, then Ms Contin 30 mg.",
    "He was 101 kg last week. He was 101 this morning. Temp was 101 last night.",
    "BP 12 34 56; NI 12 34 56.",
    "Treated at an outside hospital, Cardiology to follow.",
]
AFTER_A_HOSPITAL = [
    "Seen at [LOCATION], Leeds.",
    "At {LOCATION:Whiston Hospital}, Cardiology agreed.",
    "From {LOCATION:Whiston Hospital}, Furosemide, then home.",
]
SURNAMES = ("Whitfield", "Ackroyd", "Hebblethwaite", "Satterthwaite", "Smith", "Brown", "Odumegwu", "Penhaligon")
FORMS = ["Seen by Dr J. X.", "Mr. J. X called.", "Ms X called.", "Miss K. X came.", "Nurse X called.", "Re: J. X"]


@pytest.mark.parametrize("text", MASKED + AFTER_A_HOSPITAL)
def test_what_identifies_is_masked(text: str) -> None:
    plain, wanted = marked(text)
    assert [(item.kind, item.text) for item in find(plain)] == wanted
    once = deidentify(plain).text
    assert deidentify(once).text == once


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_a_title_or_an_initial_stays(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize("form", FORMS)
def test_no_surname_is_lost_for_want_of_a_lexicon(form: str) -> None:
    assert [name for name in SURNAMES if name in deidentify(form.replace("X", name)).text] == []
