"""What a note denies, and what it tells of relatives, is claimed of nobody."""

from itertools import pairwise

import pytest

from tasks.findings import absent, present, sentences

DENIED = [
    ("Patient denies chest pain, shortness of breath or fever but has a cough.", "chest pain", "cough"),
    ("No evidence of pneumonia. CT shows pulmonary embolism.", "pneumonia", "pulmonary embolism"),
    ("Pneumonia was ruled out. Cellulitis of the left leg.", "Pneumonia", "Cellulitis"),
    ("A 57-year-old man without diabetes who presented with chest pain.", "diabetes", "chest pain"),
    ("Chest x-ray: no infiltrate, effusion or pneumothorax. Heart is enlarged.", "pneumothorax", "enlarged"),
    ("Abdomen not tender; liver not enlarged. Jaundice noted.", "tender", "Jaundice"),
    ("DVT unlikely; cellulitis of left leg.", "DVT", "cellulitis"),
    ("Negative for malignancy, however chronic gastritis is present.", "malignancy", "gastritis"),
    ("No known drug allergies. Hypertension.", "allergies", "Hypertension"),
    ("Echocardiogram normal, endocarditis was excluded.", "endocarditis", "Echocardiogram"),
    ("She never had seizures. Migraine since childhood.", "seizures", "Migraine"),
    ("NO FEVER, NO CHILLS. PSORIASIS.", "FEVER", "PSORIASIS"),
    ("Abdomen non-tender, ascites noted.", "tender", "Abdomen"),
    ("She doesn't have diabetes but has asthma.", "diabetes", "asthma"),
    ("He hasn’t had seizures; migraine since childhood.", "seizures", "migraine"),
    ("She has not had a stroke. Asthma.", "stroke", "Asthma"),
    ("Endocarditis had been ruled out. Cellulitis.", "Endocarditis", "Cellulitis"),
    ("Effusion wasn't seen; the heart is enlarged.", "Effusion", "enlarged"),
    ("Chest pain, troponins negative x3.", "troponins", "Chest pain"),
    ("The patient with cirrhosis was negative for hepatitis.", "hepatitis", "cirrhosis"),
    ("Myocarditis that was ruled out by MRI. Asthma.", "Myocarditis", "Asthma"),
    ("A nonsmoker with asthma.", "smoker", "asthma"),
]
RELATIVES = [
    ("Father had MI at 50. He has asthma.", "MI", "asthma"),
    ("His mother died of breast cancer. He has asthma.", "breast cancer", "asthma"),
    ("FAMILY HISTORY: Diabetes in mother, heart disease.\nSOCIAL HISTORY: smoker.", "heart disease", "smoker"),
    ("Family history of colon cancer, but the patient has Crohn's disease.", "colon cancer", "Crohn's disease"),
    ("Mother had MI. Asthma.", "MI", "Asthma"),
    ("Mother was noted to have lupus. Asthma.", "lupus", "Asthma"),
    ("Asthma; mother reports that his father had MI.", "MI", "Asthma"),
    ("Family history: none. Assessment: pneumonia, sepsis. Plan: ceftriaxone.", "none", "pneumonia, sepsis"),
    ("FAMILY HISTORY: None.\nAdmitted with sepsis.\nTreated with fluids.", "None", "Admitted with sepsis.\nTreated"),
    ("Family History:\nMother: breast cancer\nFather: CAD\nBrother: schizophrenia", "schizophrenia", ""),
    ("Family History:\nMother: lupus\nFather: CAD\nPlan: admit for asthma.", "CAD", "asthma"),
    ("Family history: Mother: lupus\nPaternal aunt: CAD\nAsthma since childhood.", "CAD", "Asthma"),
    ("FAMILY HISTORY: breast cancer in an aunt and\ncoronary disease in a cousin.\nAsthma.", "coronary", "Asthma"),
    ("Two sisters with lupus. Rash on both cheeks.", "lupus", "Rash"),
]
CLAIMED = [
    "The pain is no longer controlled with morphine.",
    "She was brought by her daughter because of confusion.",
    "Lives with his wife and two sons with good support.",
    "There was no improvement of the pneumonia.",
    "Bleeding cannot be ruled out.",
    "Severe asthma not responding to steroids.",
    "Mother reports that the child has had fever and ear infection for 3 days.",
    "Parents report child had seizures since birth.",
    "Mother and father report that she has had a rash.",
    "Daughter reports he has had worsening dementia.",
    "34-year-old mother of two with lupus.",
    "His wife and son found him confused, he has pneumonia.",
    "Admitted with chest pain with negative troponins.",
    "The patient with cirrhosis had a negative workup.",
    "Pneumonia with gram negative rods",
    "Metastatic breast cancer that is HER2 negative.",
    "Could not rule out PE.",
    "Could not exclude pneumonia",
    "Tuberculosis couldn't be excluded.",
    "Endocarditis has not been ruled out.",
    "The pneumonia didn't improve.",
    "Known non-small cell lung cancer.",
    "Non-ST elevation MI treated with heparin.",
    "Relapsed non-Hodgkin lymphoma.",
    "A non-healing ulcer in non-insulin-dependent diabetes.",
]


@pytest.mark.parametrize(("note", "gone", "kept"), [*DENIED, *RELATIVES])
def test_what_is_denied_or_a_relatives_goes_and_the_rest_stays(note: str, gone: str, kept: str) -> None:
    """A scope ends where the sentence turns or ends."""
    assert gone not in present(note)
    assert kept in present(note)


@pytest.mark.parametrize("note", CLAIMED)
def test_what_only_looks_denied_stays(note: str) -> None:
    """Pseudo-negations and company are no findings of somebody else."""
    assert absent(note) == []


def test_the_reason_is_told_apart() -> None:
    """Negated and family findings are two things to a reader."""
    kinds = [span.kind for span in absent("Denies cough. Father had MI.")]
    assert kinds == ["negated", "family"]


def test_spans_are_in_order_and_never_overlap() -> None:
    """So that they can be cut out one after the other."""
    spans = absent("No fever, no cough, no rash; not unlikely. Mother had no cancer. " * 20)
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_sentences_do_not_break_at_decimals() -> None:
    """A laboratory value is one thing."""
    text = "Troponin 0.35 raised. K 3.1 low"
    assert [text[a:b] for a, b in sentences(text)] == ["Troponin 0.35 raised.", "K 3.1 low"]


def test_hostile_text_is_read_in_linear_time() -> None:
    """A megabyte without a full stop must not hang the page; the doubling is what is tested, not the clock."""
    assert absent("no " * 60_000)
    assert absent("mother " * 20_000) == []
    assert absent("no but " * 60_000)
    assert absent("unlikely " * 60_000)
    assert absent("No a. " * 60_000)
    assert absent("Family history: x\nmother\n" * 20_000)
