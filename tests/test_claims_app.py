"""The QA chat and the Claim check as people and programs meet them: through a client and in a browser."""

import pytest
from callers import caller
from gradio_client import Client
from gradio_client.exceptions import AppError


@pytest.fixture(scope="module")
def client(app) -> Client:
    return caller(app.url)


@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        ("Vitamin C prevents COVID-19.", {"false", "misleading", "not enough evidence"}),
        ("Garlic can completely cure high blood pressure, so you don't need medications.", {"false", "misleading"}),
        (
            "Low-dose aspirin is sometimes recommended in pregnancy to prevent preeclampsia in women at high risk.",
            {"true"},
        ),
    ],
)
def test_the_founding_claims_come_out_right(client, claim: str, verdicts: set[str]) -> None:
    found = client.predict(claim, api_name="/check_claim")
    assert found["verdict"] in verdicts
    assert found["claims"][0]["evidence"][0]["organisation"]
    assert "macro-F1" in found["source"]


def test_a_claim_about_nothing_known_gets_no_verdict(client) -> None:
    found = client.predict("Zorvil cures zorvilosis in whales.", api_name="/check_claim")
    assert found["verdict"] == "not enough evidence" and found["trust"] == 0


@pytest.mark.parametrize("bad", ["", "   ", "Does garlic help?", "\u200b", "x" * 5000])
def test_what_is_no_claim_gets_a_sentence(client, bad: str) -> None:
    with pytest.raises(AppError, match="claim"):
        client.predict(bad, api_name="/check_claim")


def test_an_answer_is_checked_against_its_context(client) -> None:
    context = "Ninety adults with gout took zorvil. Zorvil lowered uric acid in adults with gout."
    found = client.predict("Zorvil lowered uric acid. Whales sing at night.", context, "", api_name="/check_answer")
    assert found["faithfulness"] + found["hallucination_rate"] == pytest.approx(1)
    assert [s["text"] for s in found["sentences"]] == ["Zorvil lowered uric acid.", "Whales sing at night."]
    assert found["sentences"][1]["stance"] != "supported"


@pytest.mark.parametrize(
    ("question", "organisation", "words"),
    [
        (
            "Can I take ibuprofen if I'm already on aspirin for heart disease?",
            "Food and Drug",
            ("“Ibuprofen can get in the way of daily low-dose aspirin", "pharmacist or doctor"),
        ),
        ("Can garlic cure high blood pressure?", "NIH", ("No, by what source 1 says: “Garlic is not shown to cure",)),
        ("Is aspirin recommended in pregnancy?", "Obstetricians", ("midwife",)),
    ],
)
def test_the_founding_questions_come_out_right(
    client, question: str, organisation: str, words: tuple[str, ...]
) -> None:
    """Their warning first, with its source, and the sentence that sends the asker to somebody who knows them."""
    text, data = client.predict(question, [], api_name="/ask")
    assert text.startswith(words[0] if "“" in words[0] else "“") and all(word in text for word in words)
    assert data["done"]
    assert any(organisation in source["organisation"] for source in data["sources"])
    assert all(quote["text"] in data["sources"][quote["source"] - 1]["text"] for quote in data["quotes"])


def test_a_question_without_an_answer_is_told_so(client) -> None:
    text, data = client.predict("How is zorvilosis of the glimmer gland treated?", [], api_name="/ask")
    assert "I do not guess" in text and data["quotes"] == [] and data["colour"] == "red"


def test_a_follow_up_keeps_its_subject_and_danger_comes_first(client) -> None:
    history = [{"role": "user", "content": "Is aspirin safe?"}, {"role": "assistant", "content": "It depends."}]
    _, data = client.predict("And for children with the flu?", history, api_name="/ask")
    assert "aspirin" in data["asked"] and any("Reye" in quote["text"] for quote in data["quotes"])
    text, data = client.predict("I took too many pills", [], api_name="/ask")
    assert text.startswith("If too much was taken") and data["emergency"] == "overdose or poisoning"


def test_both_tabs_answer_in_the_browser(app, page) -> None:
    page.get_by_role("tab", name="QA chat").click()
    page.fill("#chat-text textarea", "Can garlic cure high blood pressure?")
    page.click("#chat-go")
    page.wait_for_selector("#chat-standing h3")
    assert "not shown to cure" in page.inner_text("#chat")
    page.wait_for_selector("#chat-next-0")
    page.get_by_role("tab", name="Claim check").click()
    page.fill("#claim-text textarea", "The MMR vaccine causes autism.")
    page.click("#claim-go")
    page.wait_for_selector("#claim-said h3")
    assert "expert committee" in page.inner_text("#claim-card-0")
    assert page.errors == [] and page.strangers == []
    assert "MMR" not in app.log and "garlic" not in app.log
