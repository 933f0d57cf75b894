"""Which sentences of an answer its context bears out, and what stands in for a context nobody gave."""

from collections.abc import Sequence

import pytest
from test_claims import GARLIC, verifier

from models.faithful import check_answer, check_by_sources
from tabs import claims_answer
from tasks.evidence import Checked, Evidence, Found, Judged
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.spec import Example, Prediction, UserError
from tasks.verdict import FALSE, TRUE, UNKNOWN, Stance, Verdict

REST = "Rest for two weeks after surgery; showers are fine after 48 hours. Lift no more than 5 kg."


def agreeing(examples: Sequence[Example]) -> list[Prediction]:
    """A verifier to whom everything is supported: the words alone decide what is not."""
    return [Prediction(SUPPORTS, SUPPORTS, {SUPPORTS: 0.7, REFUTES: 0.1, SILENT: 0.2}, source="test") for _ in examples]


def test_an_answer_is_read_sentence_by_sentence() -> None:
    """Supported, contradicted and absent are told apart and counted."""
    found = check_answer("Garlic helps a little. Garlic can cure it. Whales sing.", GARLIC.text, verifier)
    assert [s.stance for s in found.sentences] == [SUPPORTS, REFUTES, SILENT]
    assert found.supported == pytest.approx(1 / 3) and found.hallucinated == pytest.approx(2 / 3)
    assert "1 of 3 sentences" in claims_answer.summary(found)
    data = claims_answer.as_dict(found)
    assert [s["stance"] for s in data["sentences"]] == ["supported", "contradicted", "not in the sources"]
    for bad in ("", "...", "Yes, so. " * 41):
        with pytest.raises(UserError):
            check_answer(bad, GARLIC.text, verifier)


@pytest.mark.parametrize(
    ("said", "stance"),
    [
        ("Showers are fine after 24 hours, so she says.", REFUTES),
        ("Showers are fine after two days, so she says.", SUPPORTS),
        ("She should rest for 14 days, so she says.", SUPPORTS),
        ("She should rest, so she says.", SUPPORTS),
        ("Nothing above 10 kg is to be lifted.", REFUTES),
        ("She is 40 years old.", SUPPORTS),
    ],
)
def test_another_amount_than_the_contexts_is_not_supported(said: str, stance: str) -> None:
    """48 hours are two days; what the context names no amount of is left to the verifier."""
    (found,) = check_answer(said, REST, agreeing).sentences
    assert found.stance == stance and max(found.scores, key=lambda side: found.scores[side]) == stance


def test_an_apostrophe_left_out_denies_all_the_same() -> None:
    """In the answer and in the context; both are shown as they were written."""

    def heard(examples: Sequence[Example]) -> list[Prediction]:
        assert all("don't" in e.text and "don't" in e.context for e in examples)
        return agreeing(examples)

    (found,) = check_answer("Zorvils dont cure gout anywhere.", "They say zorvils dont cure gout.", heard).sentences
    assert found.text == "Zorvils dont cure gout anywhere." and found.because == "They say zorvils dont cure gout."


def judged(claim: str, label: str, stance: Stance) -> Checked:
    found = Found("g1", "Garlic helps.", 0.9)
    verdict = Verdict(label, decided_by=("g1",) if label != UNKNOWN else ())
    return Checked(verdict, (Judged(claim, verdict, (Evidence(found, stance, "Garlic helps."),)),), "test")


def test_without_a_context_each_sentence_is_judged_as_a_claim() -> None:
    asked = []

    def check(claim: str) -> Checked:
        asked.append(claim)
        if claim.endswith("?"):
            raise UserError("No claim.")
        label = TRUE if "garlic" in claim.lower() else FALSE if "flu" in claim else UNKNOWN
        shares = {TRUE: (0.8, 0.1), FALSE: (0.1, 0.7), UNKNOWN: (0.1, 0.35)}[label]
        return judged(claim, label, Stance("g1", 0.9, *shares))

    found = check_by_sources("Garlic helps. It helps much. The flu is no illness. The sky is green. Is it?", check)
    assert [s.stance for s in found.sentences] == [SUPPORTS, SUPPORTS, REFUTES, SILENT, SILENT]
    assert asked[1] == "Garlic helps much."
    sky = found.sentences[3]
    assert sky.because == "" and sky.scores[REFUTES] == 0.0
    assert found.source == "test" and found.graded and not found.given
    said = claims_answer.summary(found)
    assert "1 goes against the evidence found" in said and "no verdict is given on" in said and "context" not in said
    assert [claims_answer._told(found, one) for one in found.sentences] == [True, True, True, False, False]
