"""Claims that are not English get no verdict, on the page and in the endpoint; English ones are left alone."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from models.claims import check
from models.faithful import check_answer
from models.knowledge import cards
from models.language import FOREIGN, notes
from models.live import Live
from models.service import Service
from models.shelf import Shelf
from tabs import claims, claims_answer
from tasks.evidence import Checked, Faithfulness, Found
from tasks.health_claims import LABELS
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, UNKNOWN

STRANGE = (
    "La vitamina C no previene la COVID-19.",
    "Los antibióticos curan los virus.",
    "Impfungen verursachen keinen Autismus.",
    "Le vaccin ROR provoque l'autisme.",
    "Il paracetamolo abbassa la febbre.",
    "O alho reduz a pressão arterial.",
    "Ibuprofen is veilig tijdens de zwangerschap.",
    "Витамин C лечит простуду.",
)
ENGLISH = (
    "Adalimumab, infliximab, etanercept: tuberculosis risk.",
    "Dabigatran, rivaroxaban, edoxaban: anticoagulants.",
    "Ginkgo biloba improves dementia.",
    "Omeprazole, clarithromycin and metronidazole eradicate Helicobacter pylori.",
    "Semaglutide causes nausea.",
    "Saccharomyces boulardii treats diarrhoea.",
)


def refuting(examples: Sequence[Example]) -> list[Prediction]:
    scores = dict(zip(LABELS, (0.02, 0.96, 0.02), strict=True))
    return [Prediction(LABELS[1], LABELS[1], scores, source="t") for _ in examples]


class Finder:
    """Finds one passage for whatever is asked."""

    missing: tuple[str, ...] = ()

    def __call__(self, text: str, k: int) -> list[Found]:
        return [Found("v", "Vitamin C does not prevent COVID-19.", 0.9, kind="guideline")]


class Checker:
    """Checks with that and a verifier that refutes."""

    finder = Finder()

    def check(self, text: str, other: object) -> Checked:
        return check(text, self.finder, refuting)

    def check_answer(self, question: str, context: str, answer: str, other: object) -> Faithfulness:
        return check_answer(answer, context, refuting, question)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(Live(Shelf(tmp_path)), Checker(), None, notes)


@pytest.mark.parametrize("text", STRANGE)
def test_what_is_not_english_gets_no_verdict_and_is_told_why(service: Service, text: str) -> None:
    (found,) = service.claim(text)
    assert found.verdict.label == UNKNOWN and found.verdict.withheld and not found.verdict.parts
    said, data = claims.verdict_text(found), claims.as_dict(found)
    assert "Only English is read" in said and FOREIGN[:-1] in said and claims.NONE in said and claims.FLAG not in said
    assert data["notes"] == [FOREIGN] and data["claims"][0]["withheld"] and data["claims"][0]["evidence"]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_claims_full_of_latin_names_are_judged(service: Service, text: str) -> None:
    (found,) = service.claim(text)
    assert found.verdict.label == FALSE and found.notes == ()


def test_of_several_claims_those_that_are_not_english_get_none(service: Service) -> None:
    (found,) = service.claim("Vitamin C prevents COVID-19 in adults. Los antibióticos curan los virus del resfriado.")
    assert [j.verdict.withheld for j in found.claims] == [False, True]
    assert found.verdict.label == FALSE and found.notes == (FOREIGN,)
    (found,) = service.claim(f"{STRANGE[0]} El ajo cura la gota.")  # too short to tell by itself
    assert found.verdict.withheld and "Only English" in found.verdict.why


@pytest.mark.skipif(not cards.FILE.exists(), reason="no cards here")
def test_no_card_is_taken_for_another_language() -> None:
    told = [json.loads(line)["statement"] for line in cards.FILE.read_text(encoding="utf-8").splitlines()]
    assert [text for text in told if notes(Example(text=text))] == []


def test_an_answer_in_another_language_is_remarked_on(service: Service) -> None:
    (found,) = service.answer("", "Vitamin C does not prevent COVID-19.", STRANGE[0])
    assert FOREIGN[:-1] in claims_answer.summary(found) and claims_answer.as_dict(found)["notes"] == [FOREIGN]
    (fine,) = service.answer("", "Vitamin C does not prevent COVID-19.", "Vitamin C prevents COVID-19.")
    assert fine.notes == ()
