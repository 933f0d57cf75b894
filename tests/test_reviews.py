"""A review put together from what the two adapters say; the models are stood in for, so every answer is known."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tabs import sentiment
from tasks import drug_reviews
from tasks.reviews import CONCERN, MAX_CLAUSES, patient_side, read_reviews
from tasks.spec import Example, Prediction, Task

POLARITY = ("negative", "neutral", "positive")


def say(best: str, aspects: dict[str, float] | None = None, cut: float = 0.5) -> Prediction:
    scores = {label: 0.8 if label == best else 0.1 for label in POLARITY}
    rating = {str(n): float(n == {"negative": 1, "neutral": 5, "positive": 10}[best]) for n in range(1, 11)}
    aspects = aspects or {}
    claimed = tuple(aspect for aspect, share in aspects.items() if share >= cut)
    return Prediction(best, best, scores, {"rating": rating, "aspects": aspects}, claimed)


def predict(task: Task, examples: Sequence[Example]) -> list[Prediction]:
    """Reads by plain words: "bad" is negative; a clause's aspects are the numbers written after them.

    It declines where it reads "perhaps".
    """
    out = []
    for example in examples:
        words = example.all_text.replace(".", " ").replace("_", " ").split()
        pairs = [word.rstrip(".").split("=") for word in example.all_text.split() if "=" in word]
        aspects = {name.replace("_", " "): float(share) for name, share in pairs}
        answer = say("negative" if "bad" in words else "positive", aspects)
        out.append(replace(answer, label=None) if "perhaps" in words and task is not drug_reviews.TASK else answer)
    return out


def read(text: str):
    (reading,) = read_reviews([Example(text=text)], predict, lambda _: ())
    return reading


def test_a_clause_is_read_in_the_light_of_the_others() -> None:
    reading = read("staff=0.9 good. waiting=0.9 bad. side_effects=0.6 overall_experience=0.3 bad.")
    assert [clause.aspects for clause in reading.clauses] == [("staff",), ("waiting",), ("overall experience",)]
    assert reading.aspects == {"staff": "positive", "waiting": "negative", "overall experience": "negative"}


def test_a_certain_aspect_of_the_other_subject_is_still_named() -> None:
    reading = read("staff=0.9 good. waiting=0.9 bad. side_effects=0.95 bad.")
    assert reading.aspects["side effects"] == "negative"


def test_the_overall_experience_is_the_tone_of_the_whole() -> None:
    assert read("effectiveness=0.9 bad.").aspects["overall experience"] == "negative"
    assert read("overall_experience=0.9 good. waiting=0.9 bad.").aspects["overall experience"] == "negative"


def test_a_clause_whose_likeliest_subject_is_not_in_the_review_is_about_the_whole() -> None:
    reading = read("staff=0.9 good. waiting=0.9 bad. side_effects=0.6 bad.")
    assert reading.clauses[2].aspects == ("overall experience",)


def test_a_writer_against_the_medicine_is_told_from_one_against_the_service() -> None:
    assert read("side_effects=0.9 bad.").flags == ("dissatisfied", "negative towards the medication")
    assert read("waiting=0.9 bad.").flags == ("dissatisfied",)
    assert read("side_effects=0.9 good.").flags == ()


def test_a_declined_clause_is_unclear_and_raises_no_flag() -> None:
    reading = read("side_effects=0.9 perhaps bad.")
    (clause,) = reading.clauses
    assert (clause.polarity, clause.leans, clause.share) == ("unclear", "negative", 0.8)
    assert reading.aspects == {"side effects": "unclear", "overall experience": "negative"}
    assert reading.aspect_shares == {"side effects": 0.8, "overall experience": 0.8}
    assert reading.flags == ("dissatisfied",)
    table = sentiment._drawn(reading, "")[2].value["data"]
    assert table[0][2] == "unclear, perhaps negative (80%)"


def test_a_bare_none_is_read_as_the_answer_to_its_field() -> None:
    asked: list[str] = []

    def listen(task: Task, examples: Sequence[Example]) -> list[Prediction]:
        asked.extend(example.text for example in examples if task is not drug_reviews.TASK)
        return predict(task, examples)

    fields = {"benefits": "None at all.", "side effects": "none", "comments": "Nothing."}
    (reading,) = read_reviews([Example(fields=fields)], listen, lambda _: ())
    assert asked == ["No benefits.", "No side effects.", "Nothing."]
    assert [clause.text for clause in reading.clauses] == list(fields.values())
    read_reviews([Example(text="None."), Example(fields={"side effects": "None worth a word."})], listen, lambda _: ())
    assert asked[3:] == ["None.", "None worth a word."]


def test_a_clear_clause_speaks_for_an_aspect_before_an_unclear_one() -> None:
    assert read("cost=0.9 perhaps bad. cost=0.9 good. cost=0.9 perhaps bad.").aspects["cost"] == "positive"


def test_cost_alone_is_not_held_against_the_medicine() -> None:
    assert read("cost=0.9 bad.").flags == ("dissatisfied",)
    assert read("cost=0.9 environment=0.8 bad.").flags == ("dissatisfied",)
    assert read("cost=0.9 bad. effectiveness=0.9 bad.").flags == ("dissatisfied", "negative towards the medication")


def test_a_turn_whose_tone_is_declined_is_unclear() -> None:
    def unsure(task: Task, examples: Sequence[Example]) -> list[Prediction]:
        answers = zip(predict(task, examples), examples, strict=True)
        return [replace(p, label=None) if e.text.endswith("?") else p for p, e in answers]

    example = Example(text="Doctor: How are you? Patient: I feel bad.")
    (reading,) = read_reviews([example], unsure, lambda _: ())
    assert [label for _, label, _ in reading.tone] == ["unclear", "negative"]
    heights = [list(line.y) for line in sentiment.timeline(reading).data]
    assert heights == [[0.0], [-0.8]]


@pytest.mark.parametrize(
    ("words", "said", "share"), [(3, "negative", 0.65), (20, "negative", 0.65), (21, "positive", 0.6)]
)
def test_a_short_turn_is_read_as_a_clause_too(words: int, said: str, share: float) -> None:
    """A long one is read as a review alone."""

    def torn(task: Task, examples: Sequence[Example]) -> list[Prediction]:
        good = 0.6 if task is drug_reviews.TASK else 0.1
        scores = {"positive": good, "neutral": 0.0, "negative": 1 - good}
        best = max(scores, key=scores.__getitem__)
        return [replace(p, label=best, best=best, scores=scores) for p in predict(task, examples)]

    example = Example(text=f"Doctor: I see. Patient: {' '.join(['word'] * words)}")
    (reading,) = read_reviews([example], torn, lambda _: ())
    assert reading.tone[1][1:] == (said, pytest.approx(share))


def test_of_a_conversation_the_patient_is_judged() -> None:
    example = Example(text="Doctor: bad bad news. Patient: I feel good.")
    assert patient_side(example).text == "I feel good."
    (reading,) = read_reviews([example], predict, lambda _: ())
    assert reading.prediction.best == "positive"
    assert [(turn.role, label) for turn, label, _ in reading.tone] == [("Doctor", "negative"), ("Patient", "positive")]


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Drew: it hurt\nAnna: same here", "it hurt\nsame here"),
        ("Nursel: it hurt\nGpete: same here\nNursel: a lot", "it hurt\nsame here\na lot"),
        ("Doc: hi\nMe: bad", "bad"),
        ("Dr. Smith: hi\nDrew: bad", "bad"),
        ("John MD: hi\nMe: bad", "bad"),
        ("Consultant: hi\nPsychiatrist: hello\nMe: bad", "bad"),
        ("Cardiologist: hi\nPhysiotherapist: hello\nMe: bad", "bad"),
        ("Client: bad\nTherapist: hi", "bad"),
    ],
)
def test_a_clinician_is_known_by_a_whole_word(text: str, judged: str) -> None:
    assert patient_side(Example(text=text)).text == judged


@pytest.mark.parametrize(
    "text",
    [
        "GP: dismissive and cold, never again.\nReception: friendly.\nBuilding: modern.",
        "Surgeon: butchered my knee.\nPhysio: helpful.\nParking: plenty.",
        "Morning: fine.\nEvening: unbearable nausea.",
        "March: started.\nApril: rash.\nMay: stopped.",
        "Before: I could hardly walk.\nAfter: I run.",
        "Doctor: cold and hurried. Nurse: sweet. Pharmacist: slow.",
        "Midwife: shouted at me.\nRoom: lovely.",
        "Week One: sick.\nWeek Two: sicker.",
        "Taste: foul\nSize: huge\nTexture: chalk",
        "Dentist: rough, hurt me badly.\nHygienist: gentle.\nWaiting Room: nice",
    ],
)
def test_headings_are_no_speakers_and_none_of_the_review_is_thrown_away(text: str) -> None:
    reading = read(text)
    assert patient_side(Example(text=text)).text == text and reading.tone == ()


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Nurse: Any pain?\nPatient: A lot.", "A lot."),
        ("Dr. Okafor: How is it?\nMaria: Worse.", "Worse."),
        ("GP: Did it help?\nMe: Not at all.", "Not at all."),
        ("Dermatologist: Is it better?\nMrs Hale: No, it spread.", "No, it spread."),
        ("Interviewer: And then?\nResident: I fell.\nInterviewer: I see.", "And then?\nI fell.\nI see."),
        ("Priya: it made me sick\nTom: me too", "it made me sick\nme too"),
        ("Pharmacist: Take with food.\nCustomer: It still burns.", "It still burns."),
        ("Mum: she cannot sleep\nPaediatrician: try this", "she cannot sleep"),
        ("Doctor: and today?\nXochi: bad\nDoctor: I see", "bad"),
        ("**Doctor:** Hello.\n**Kenji:** It burns.", "It burns."),
    ],
)
def test_a_conversation_is_known_by_who_speaks_or_by_one_who_speaks_again(text: str, judged: str) -> None:
    assert patient_side(Example(text=text)).text == judged and len(read(text).tone) >= 2


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Doctor: Great numbers, your sugar has come down.\nPriyanka: I still feel awful.", "I still feel awful."),
        ("GP: That is good news.\nWill: I cannot sleep.", "I cannot sleep."),
        ("Nurse: And the tablets?\nApril: The rash is back.", "The rash is back."),
        ("Doctor: A wonderful drug, works for everyone.\nNguyen: Not for me.", "Not for me."),
        ("Dr Hale: Lovely.\nGrandma: My hip is worse.", "My hip is worse."),
        ("Cardiologist: The rhythm is normal.\nPartner: He is exhausted.", "He is exhausted."),
        ("Therapist: Nice work this month.\nHe: I feel worse.", "I feel worse."),
        ("Nurse: Good morning.\nResident: The night was horrible.", "The night was horrible."),
    ],
)
def test_whoever_answers_one_clinician_is_a_person(text: str, judged: str) -> None:
    assert patient_side(Example(text=text)).text == judged


@pytest.mark.parametrize(
    "text",
    [
        "GP: brushed me off, twice.\nHospital: could not have been kinder.\nGP: never apologised.",
        "Me: 61, asthmatic, cheerful.\nNurse: snapped at me and refused to help.",
        "Doctor: warm and reassuring.\nPatient: 34, first baby, scared.",
        "Pharmacist: short-tempered.\nQueue: endless.",
        "Therapist: arrogant man, always late.\nClient: gave up after three sessions.",
        "Doctor: fine.\nFood: stone cold.",
        "Doctor: excellent bedside manner.\nMum: very grateful.",
        "Nurse: 5/5\nCleanliness: 1/5",
    ],
)
def test_an_opinion_of_a_clinician_is_not_what_the_clinician_said(text: str) -> None:
    assert patient_side(Example(text=text)).text == text and read(text).tone == ()


def test_several_reviews_do_not_mix() -> None:
    texts = ["cost=0.9 bad. one", "Doctor: x. Patient: bad cost=0.9.", "good. two. three", ""]
    together = read_reviews([Example(text=t) for t in texts], predict, lambda _: ())
    for text, reading in zip(texts, together, strict=True):
        assert reading == read_reviews([Example(text=text)], predict, lambda _: ())[0]


def test_a_very_long_text_is_cut_and_says_so() -> None:
    reading = read("A good clause here. " * (MAX_CLAUSES + 5))
    assert len(reading.clauses) == MAX_CLAUSES and "first clauses" in reading.notes[0]


@pytest.mark.parametrize("text", ["bad. I have been suicidal since I started it", "good, but I want to kill myself"])
def test_who_may_be_in_danger_is_spoken_to_before_anything_else(text: str) -> None:
    reading = read(text)
    assert sentiment.verdict(reading).startswith(f"**{CONCERN}**")
    assert sentiment.as_dict(reading)["notes"] == [CONCERN]


@pytest.mark.parametrize("text", ["bad. It gave me chest pain", "I was never suicidal on it. good"])
def test_other_dangers_and_denied_ones_are_a_part_of_the_review(text: str) -> None:
    assert read(text).concern == "" and sentiment.verdict(read(text)).startswith("### ")


def test_no_label_is_chosen_for_a_text_that_cannot_be_read() -> None:
    (reading,) = read_reviews([Example(text="bad side_effects=0.9")], predict, lambda _: ("Not English.",))
    assert reading.prediction.abstained and reading.leading == "negative" and reading.notes == ("Not English.",)
    assert reading.flags == () and reading.intensity is None and "Not sure" in sentiment.verdict(reading)
