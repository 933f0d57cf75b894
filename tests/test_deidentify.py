"""The de-identifier on invented notes: what it must mask, what it must leave, and what hostile text must not do."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.deidentify import Label, Tally
from tasks.deidentify import KINDS, Deidentified, Phi, deidentify, find

ROOT = Path(__file__).parent.parent

# Each text names what must be masked between braces: {kind:the words}.
POSITIVE = [
    "Patient Name: {NAME:John Q. Smithers}  MRN: {ID:1234567}",
    "PATIENT: {NAME:DOE, JANE}   DOB: {DATE:7/4/1951}",
    "Dr. {NAME:Patel} and Dr. {NAME:O'Brien} saw Mr. {NAME:Okonkwo}.",
    "Drs. {NAME:Ahmed}, {NAME:Cho} and {NAME:Lindqvist} were present.",
    "Her husband, {NAME:Bob}, drove her; daughter ({NAME:Ana}) agrees.",
    "She lives with her sister {NAME:Ingrid}.",
    "Electronically signed by: {NAME:Maria Gonzalez-Lopez}, MD on {DATE:March 3rd, 2020}",
    "Dictated by {NAME:Samuel T. Adebayo}, M.D.",
    "Sincerely,\n\n{NAME:Helena Fischer}, DO",
    "/s/ {NAME:Chidi Nwosu}",
    "{NAME:Rose Garcia}, RN",
    "cc: {NAME:Will Turner}, PA-C",
    "{NAME:Oluwaseun Adeyemi} is a 34-year-old woman.",
    "Mrs. {NAME:Long} has long-standing COPD.",
    "Mr. {NAME:Brown} has brown sputum.",
    "Dr. {NAME:Foley} placed the Foley catheter.",
    "Family meeting with {NAME:Ruth} (daughter) and {NAME:Leroy}, her neighbor.",
    "The patient's name is {NAME:Jesús Núñez de la Cruz}.",
    "{NAME:Ramirez, Lucia}, seen today.",
    "Per {NAME:Rodriguez}, no change overnight.",
    "pt {NAME:john smith} called, dr {NAME:patel} aware",
    "SEEN BY DR. {NAME:JONES} WITH DAUGHTER {NAME:MARIA}.",
    "Initials: {NAME:RJM}",
    "DOB: {DATE:03/15/1962}; seen {DATE:2021-03-04}; discharged {DATE:15-Mar-2019}.",
    "On {DATE:3/14} the Hgb was 10.1.",
    "Next appt {DATE:11/2}; LMP {DATE:9/28}.",
    "{DATE:3/15}: afebrile, WBC 12.",
    "Colonoscopy in {DATE:May 2018}, again in {DATE:6/2024}.",
    "She was well until early {DATE:June}.",
    "Born on the {DATE:3rd of May, 1948}.",
    "Fell on {DATE:Christmas Eve}; worse since {DATE:summer of 2017}.",
    "D: {DATE:03/04/2021} 14:22 T: {DATE:03052021}",
    "A {AGE:92-year-old} woman; her mother died at age {AGE:101}.",
    "{AGE:94 y/o} man, now in his {AGE:90s}.",
    "A {AGE:ninety-three year old} man.",
    "FH: mother alive at {AGE:92}, father died at 60. Aunt {AGE:95}, healthy. Her mother, {AGE:93}, lives alone.",
    "Mother {AGE:91} A&W. Father died, {AGE:93}, of CAD. Brother deceased ({AGE:96}).",
    "Lives with grandmother ({AGE:94}) and cares for husband {AGE:92} with dementia.",
    "{AGE:92}/M with chest pain; the other, F/{AGE:95}, is well.",
    "Mr. {NAME:Lee} ({AGE:92}) was seen. Mrs. {NAME:Okonkwo}, {AGE:101}, fell. Mr. [NAME], {AGE:90}, has dementia.",
    "DOB {DATE:1931}",
    "Year of birth: {DATE:1935}; her twin was born in {DATE:1935}.",
    "Call {PHONE:617-555-0143}, {PHONE:(212) 555-0187} or {PHONE:+44 20 7946 0958}.",
    "Office {PHONE:555-0199}, pager {PHONE:4432}, fax {PHONE:312.555.0176}.",
    "Cell {PHONE:4155550132} {PHONE:x5521}",
    "She lives at {ADDRESS:42 Elm Street, Apt 3B, Springfield, IL 62704}.",
    "{ADDRESS:P.O. Box 1187, Bangor, ME 04402}",
    "home address: {ADDRESS:14 Rosewood Lane, Dayton, Ohio 45402}",
    "lives at {ADDRESS:123 maple street} with friends",
    "SSN {ID:123-45-6789}, policy no. {ID:XYZ-99-443321}, license {ID:D1234567}".replace(
        "license {", "driver's license {"
    ),
    "Accession No: {ID:S21-0045213}; Case #{ID:2020-4471}; NPI {ID:1234567893}",
    "Acct: {ID:000123456} Medicare ID {ID:1EG4-TE5-MK72}",
    "Pacemaker serial number {ID:PJN123456H}, VIN {ID:1HGCM82633A004352}",
    "NHS number {ID:943 476 5919}",
    "Badge {ID:4432}, chart {ID:55021}, license RN {ID:557712}, MRN {ID:44 55 66}, bank account {ID:889123456}",
    "{ADDRESS:Flat 12, 44 Queens Road, Leeds LS1 4AB}",
    "living at {ADDRESS:2200 Peachtree}, formerly {ADDRESS:5 County Road 12} and {ADDRESS:500 S. State}",
    "Discharge to {LOCATION:Willow Creek SNF}; rehab at {LOCATION:Bay View nursing facility}.",
    "{ADDRESS:One Main Street}",
    "Seen by {NAME:Xiomara}. {NAME:Okwudili} denies pain.",
    "{NAME:J.D.} is a 45-year-old man; on {DATE:25/12} he fell; his {AGE:97th} birthday.",
    "Photos at {URL:bit.ly/x8y9z}, twitter {URL:@jdoe99}.",
    "Write to {EMAIL:m.garcia99@mail.example.com}.",
    "Write to {EMAIL:john.smith [at] gmail.com}, {EMAIL:jsmith(at)trust.nhs.uk} or {EMAIL:mary at example dot com}.",
    "Call {PHONE:0044 7700 900123}, {PHONE:0033 1 42 68 53 00} or {PHONE:0049-30-1234567}.",
    "{NAME:Camila} called. ID {ID:1234567}. Lives in {LOCATION:Los Angeles}. Her child {NAME:Anna} plays.",
    "Seen by Dr {NAME:A Khan}, then Mr {NAME:A Patel}; Dr. {NAME:I Ahmed} and Dr. {NAME:Lee} agree.",
    "Baby boy {NAME:Johnson} was born. Baby girl {NAME:Okafor} is well. RN {NAME:Kelly} notified.",
    "Pt's daughter, {NAME:Chioma}, reports falls; her husband {NAME:peter} says he snores.",
    "{NAME:Dana White} called. {NAME:John Long} visited. {NAME:Susan Day}, MD. {NAME:Amanda White}, her niece, agrees.",
    "{NAME:Maria} White count 12. {NAME:Laura} Left ankle pain. Seen by {NAME:Susan} Sunday.",
    "Antibiotics {DATE:3/28-4/3}, then {DATE:12/30-1/2}. Admitted {DATE:4/2 - 4/9}.",
    "{DATE:4/12-4/15} admission",
    "{DATE:12.4.21} Reviewed by GP, seen in clinic {DATE:13.4.21}.",
    "Postcode area {ADDRESS:SW1A 1AA}, GP at {ADDRESS:CF10 3AT}, home {ADDRESS:M1 1AE}.",
    "See {URL:https://portal.example.org/mg?x=1} or {URL:www.example.com/a}, IP {URL:192.168.1.24}.",
    "Transferred from {LOCATION:Mercy General Hospital} in {LOCATION:Portland, Oregon}.",
    "Followed at {LOCATION:Riverside Family Practice}; admitted to {LOCATION:St. Mary's}.",
    "SNF placement at {LOCATION:Golden Oaks Manor}. Lives in {LOCATION:Duluth}.",
    "from {LOCATION:Boston, MA 02115}",
    "She attends {LOCATION:Lincoln Elementary School}.",
    "{NAME:[**Known lastname 123**]} was seen",
    "at {LOCATION:[**Hospital1 18**]} on {DATE:[**2151-7-16**]}, {AGE:[**Age over 90 **]}",
    "call {PHONE:[**Telephone/Fax (1) 123**]}, {ID:[**Medical Record Number 5**]}, {ADDRESS:[**Street Address(2) 9**]}",
]

NEGATIVE = [
    "BP 120/80, HR 88, RR 16, T 98.6, sat 98% on room air.",
    "Strength 5/5 in all extremities, 3/6 systolic murmur, pain 7/10.",
    "MMSE 12/15 and 24/30; GCS 14/15; Apgar 8/9; vision 20/40.",
    "Take 1/2 tablet for 2-3 days, then 10-15 mg q4-6h.",
    "L4-L5 disc, C5/6 level, T4/T5 nodes, 3/11 nodes positive.",
    "WBC 12.3, platelets 250,000, viral load 1250000 copies, HbA1c 7.2%.",
    "IgG 751-1560 (normal 232-1137), discharged on 800-1000 ml/day.",
    "She is 89 years old; a 45-year-old man; aged 67.",
    "Mother 92 kg, father 65, sister 98 percent sat, brother 99 pounds.",
    "The pressure of his mother 98/60; grandmother 92% on RA; father 92 on room air.",
    "Born in 1999, DOB 1980, year of birth 1975.",
    "Sodium 0012 140 138, drops (at) night, seen [at] home; look at table 2.",
    "Hosp: stable. Hosp course: good. Child Pugh class A, Child-Pugh score 6, Child Pugh B.",
    "Los Angeles grade B esophagitis, Los Angeles (LA) grade C; Kansas City Cardiomyopathy Questionnaire 45.",
    "VL 1200000; HIV VL: 1200000; beta-hCG 1234567 mIU/mL, later hCG 1234567.",
    "Takes Camila daily; Errin 0.35 mg; Heather once daily.",
    "Baby boy delivered at term; Baby Girl Stable in crib. RN aware and notified. RN Staffing was low. RN will call.",
    "Her daughter, however, reports falls; mother, Head CT, reports; her friend will says; her son grant says no.",
    "Vitamin A Deficiency; Hepatitis A Vaccine; told Dr A first.",
    "Strength 4/5-5/5, pain 3/10-5/10, murmur 2/6-3/6, GCS 13/15-14/15, vision 6/12-6/18, 1/2-3/4 tablet.",
    "6/12-6/18 in the right eye; BP 12/8-14/9; version 12.4.21 of the form; Na 1.2.21.",
    "Vitamin B12 5MG weekly, T1 2FS sequence, PO2 4HR later, L4 5TH toe, CD4 3AB, grade G2 3LN.",
    "Smoked since 1985, quit in 2003. Surgery in 1998.",
    "Seen two weeks ago; follow up in 3 months, yesterday, at 14:30.",
    "Dialysis Monday, Wednesday and Friday.",
    "99 degrees F, 95% on 2 L, 90 mg daily, 98 beats.",
    "Parkinson's disease, Alzheimer dementia, Crohn's, Graves' disease.",
    "Foley catheter, Kelly clamp, Jackson-Pratt drain, Swan-Ganz catheter.",
    "Murphy's sign negative; Baker's cyst; Down syndrome; Allen test normal.",
    "Glasgow coma scale 15. Circle of Willis intact. Babinski absent.",
    "Will discharge in the morning. She may walk. Hope remains.",
    "Discussed with Cardiology and Neurosurgery. Followed by Orthopedics.",
    "Treated with Lasix, Coumadin and Flovent 110 mcg.",
    "Seen in the Emergency Department, then the Intensive Care Unit.",
    "Referred to the Pain Clinic of an outside hospital.",
    "He comes from Mexico and once lived in Texas.",
    "MR brain normal; MS exacerbation; ST elevation; MI in the past.",
    "PHYSICAL EXAMINATION: Reveals a soft abdomen.",
    "Mother: Diabetes. Father: CAD. Brother died of MI.",
    "Attending Physician: none. Provider: unknown.",
    "St. John's wort, a St. Jude valve.",
    "ICD-9 250.00, CPT 99213, EF 55-60%, day 3 of 10, cycle 2 day 8.",
    "Chest, CT of: normal. Abdomen, MA at bedside. Oriented x 3.",
    "Electronically signed. Dictated but not read.",
    "Followed by Xeroform gauze. Group 2, case 3, visit 4, order 100 mg, unit 2 of 2.",
    "I've had pain a.m./p.m.; mg/dl; 3 Way stopcock; 2 Point discrimination; One Time dose.",
    "Coumadin clinic; Fracture Clinic; the ED; ER visit; transferred to ICU.",
    "",
    "   \n\t ",
]


def marked(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the text without its braces, and what stood in them."""
    plain, wanted, rest = "", [], text
    while "{" in rest:
        before, _, rest = rest.partition("{")
        inside, _, rest = rest.partition("}")
        kind, _, words = inside.partition(":")
        plain += before + words
        wanted.append((kind, words))
    return plain + rest, wanted


@pytest.mark.parametrize("text", POSITIVE)
def test_what_identifies_is_masked(text: str) -> None:
    plain, wanted = marked(text)
    assert [(item.kind, item.text) for item in find(plain)] == wanted


@pytest.mark.parametrize("text", NEGATIVE)
def test_what_the_clinic_needs_stays(text: str) -> None:
    assert deidentify(text) == Deidentified(text, {}, ())


@pytest.mark.parametrize("text", [marked(text)[0] for text in POSITIVE])
def test_masking_twice_is_masking_once(text: str) -> None:
    once = deidentify(text)
    assert deidentify(once.text) == Deidentified(once.text, {}, ())


def test_offsets_point_at_the_words_and_the_text_is_rebuilt_from_them() -> None:
    text = "\ufeffÉmile: Dr. José Müller 👍 rang 617-555-0143,\r\nMs. Renée O’Neil on 3/4/2020."
    result = deidentify(text)
    rebuilt, at = "", 0
    for item in result.spans:
        assert item == Phi(item.kind, item.start, item.end, text[item.start : item.end])
        assert item.kind in KINDS and at <= item.start < item.end
        rebuilt += text[at : item.start] + f"[{item.kind}]"
        at = item.end
    assert rebuilt + text[at:] == result.text
    assert [item.text for item in result.spans][-2:] == ["Renée O’Neil", "3/4/2020"]
    assert "José" not in result.text and "617" not in result.text


def test_a_name_once_found_is_found_again() -> None:
    text = "Dr. Okonkwo saw Mary Abernathy. Okonkwo agrees. Abernathy left; mary's ride was late. ABERNATHY returned."
    masked = "Dr. [NAME] saw [NAME]. [NAME] agrees. [NAME] left; [NAME]'s ride was late. [NAME] returned."
    assert deidentify(text).text == masked


def test_an_eponym_stays_where_a_person_has_the_same_name() -> None:
    text = "Mr. Parkinson has Parkinson's disease. Dr. Wilson excluded Wilson disease; Wilson will call."
    masked = deidentify(text).text
    assert masked.startswith("Mr. [NAME] has Parkinson's disease. Dr. [NAME] excluded Wilson disease;")


def test_accents_written_as_two_characters_are_read_as_one() -> None:
    assert deidentify("Dr. Jose\u0301 Nu\u0301n\u0303ez called").text == "Dr. [NAME] called"


def test_all_capitals_are_masked_and_the_sentence_around_stays() -> None:
    text = "THE PATIENT, MR. HERNANDEZ, WAS SEEN BY DR. KIM ON 03/04/2021 AND SENT HOME WITH LASIX."
    assert (
        deidentify(text).text == "THE PATIENT, MR. [NAME], WAS SEEN BY DR. [NAME] ON [DATE] AND SENT HOME WITH LASIX."
    )


def test_masks_in_the_text_are_not_counted() -> None:
    assert deidentify("[NAME] was seen by Dr. [NAME] on [DATE]. MRN: [ID]").counts == {}


def test_counts_name_each_kind_once_found() -> None:
    result = deidentify("Dr. Patel saw Dr. Okafor on 3/4/2020.")
    assert result.counts == {"NAME": 2, "DATE": 1}


UNITS = [
    *("a-", "1", "1-", "1.", "1/", "A ", "Aa ", "Dr. ", " ", "\n", "a@", "a.", "www.", "[**", "(", ":", "0:", "'"),
    *("3/5 ", "on 3/15 ", "MRN: ", "May ", "Hospital ", "Smith, ", "1 Main ", "Boston, ", "MA ", "e\u0301", "\ue000"),
    *(
        "[at] ",
        "a.b(at)c.d ",
        "0044 ",
        "mother ",
        "Mr. A ",
        "[NAME] ",
        "address: 1 ",
        "called a ",
        "live in A ",
        "University of ",
        "x1 ",
        "+1 ",
        "X is a b c ",
    ),
]


def test_hostile_text_is_read_to_its_end() -> None:
    """One unit over and over, 30,000 characters of each: a pattern that backtracks would not be done for hours."""
    code = (
        "import sys; from tasks.deidentify import find\n"
        "for unit in eval_units:\n    text = unit * (30_000 // len(unit))\n"
        "    assert all(text[p.start : p.end] == p.text for p in find(text))"
    ).replace("eval_units", repr(UNITS))
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def test_importing_reads_no_list_and_no_pattern() -> None:
    code = "import sys, tasks.deidentify; print([m for m in sys.modules if m.startswith(('faker', 'tasks.phi.'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_benchmark_counts_overlap_leaks_and_overmasking() -> None:
    """`Ana Li` half found, `3/4` found as another kind, `fever` masked for nothing."""
    text = "Ana Li on 3/4 had fever"
    tally = Tally()
    labels = [Label("NAME", 0, 6), Label("DATE", 10, 13)]
    tally.add(text, labels, [Phi("NAME", 0, 3, "Ana"), Phi("ID", 10, 13, "3/4"), Phi("NAME", 18, 23, "fever")])
    assert (tally.labelled, tally.recalled) == ({"NAME": 1, "DATE": 1}, {"NAME": 1, "DATE": 0})
    assert (tally.found, tally.right) == ({"NAME": 2, "ID": 1}, {"NAME": 1, "ID": 0})
    assert (tally.leaked, tally.characters) == ({"NAME": 2, "DATE": 0}, {"NAME": 5, "DATE": 2})
    assert (tally.words, tally.overmasked) == (3, 1)
