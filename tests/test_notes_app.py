"""Clinical notes as people and programs meet them: through a client, in a browser, from the shell."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from callers import caller
from gradio_client import Client
from gradio_client.exceptions import AppError

import tasks
from models.loading import load
from models.notes import read_note, weigh
from models.shelf import SHIPPED
from tasks.clinical_notes import TASK
from tasks.icd9 import CATEGORIES
from tasks.spec import Example

ROOT = Path(__file__).parent.parent
NOTE = TASK.samples[0].text
LONG = "\n".join(f"Day {i}: sputum culture {i} pending, antibiotics continued for pneumonia." for i in range(9000))


@pytest.fixture(scope="module")
def client(app) -> Client:
    return caller(app.url)


@pytest.fixture(scope="module")
def predictor():
    return load(tasks.get("clinical_notes"), SHIPPED / "clinical_notes")


def test_a_note_is_masked_sorted_and_explained(client) -> None:
    answer = client.predict(NOTE, api_name="/clinical_note")
    assert "Whitby" not in json.dumps(answer)
    assert "4471902" not in json.dumps(answer)
    assert answer["masked"]["NAME"] >= 1
    best = answer["categories"][0]
    heart = next(c for c in answer["categories"] if c["category"] == "Cardiovascular")
    assert heart["claimed"]
    assert heart["sentences"][0]["text"] in answer["deidentified"]
    assert best["probability"] >= answer["categories"][-1]["probability"]
    assert {s["why"] for s in answer["set_aside"]} == {"negated", "family"}
    codes = [s["code"] for s in answer["suggestions"] if s["category"] == "Cardiovascular"]
    assert any(code.startswith("410") for code in codes), answer["suggestions"]
    assert "not a diagnosis" in answer["caution"]
    assert "notes" in answer["source"]


@pytest.mark.parametrize(
    "note",
    [
        "Denies chest pain. Sprained left ankle playing football.",
        "Father had MI. Sprained left ankle playing football.",
    ],
)
def test_what_is_denied_or_a_relatives_claims_nothing(client, note: str) -> None:
    answer = client.predict(note, api_name="/clinical_note")
    claimed = [c["category"] for c in answer["categories"] if c["claimed"]]
    assert "Cardiovascular" not in claimed


def test_masking_alone(client) -> None:
    answer = client.predict("Pt Name: Maria Gomez, DOB 02/03/1950, call 617-555-0134.", api_name="/deidentify")
    assert answer["text"] == "Pt Name: [NAME], DOB [DATE], call [PHONE]."
    assert answer["counts"] == {"NAME": 1, "DATE": 1, "PHONE": 1}


@pytest.mark.parametrize("nothing", ["", "  \n "])
def test_nothing_gets_a_sentence(client, nothing: str) -> None:
    for name in ("/clinical_note", "/deidentify"):
        with pytest.raises(AppError, match="Please enter some note first"):
            client.predict(nothing, api_name=name)


def test_a_note_in_spanish_is_said_to_be_one(client) -> None:
    text = "El paciente ingresa por dolor torácico intenso y disnea; se diagnostica un infarto agudo de miocardio."
    assert "English" in client.predict(text, api_name="/clinical_note")["notes"][0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I love this pizza place on the corner, the crust is thin and the staff is friendly.", True),
        ("The stock market fell by two percent on Friday after the central bank raised rates.", True),
        ("67M with CHF and COPD presents with dyspnea.", False),
        ("Denies chest pain.", False),
        (NOTE, False),
    ],
)
def test_what_is_hardly_a_note_is_said_to_be_none(client, text: str, said: bool) -> None:
    notes = client.predict(text, api_name="/clinical_note")["notes"]
    assert any("no clinical note" in note for note in notes) is said


def test_a_book_is_answered_while_it_is_read(predictor) -> None:
    """Portions joined are the whole: the last answer is what one pass over all windows gives."""
    first, *answers = read_note(predictor, LONG[:60_000], lambda example: ())
    assert first.prediction is None
    assert answers[-1].done
    whole = predictor.predict([Example(text=answers[-1].masked.text)])[0]
    assert answers[-1].prediction.scores == pytest.approx(whole.scores, abs=1e-4)


def test_windows_keep_their_order(predictor) -> None:
    """A window's weight does not depend on its company."""
    texts = ["Acute pneumonia of the right lower lobe with fever.", "Rash.", "Broken left wrist after a fall on ice."]
    together, _ = weigh(predictor, texts)
    for i, text in enumerate(texts):
        assert weigh(predictor, [text])[0][0].numpy() == pytest.approx(together[i].numpy(), abs=1e-3)


def test_a_file_of_notes_is_scored_from_the_shell(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": NOTE}, {"id": 2, "text": ""}, {"id": 3, "text": TASK.samples[1].text}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for target in ("out.jsonl", "out.csv"):
        command = [sys.executable, "-m", "models.score", "clinical_notes", tmp_path / "in.jsonl", tmp_path / target]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
    out = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in out] == [1, 2, 3]
    assert set(out[0]) == {"id", "text", "labels", *(f"p_{c}" for c in CATEGORIES), "remark"}
    assert "Cardiovascular" in out[0]["labels"]
    assert "Respiratory" in out[2]["labels"]
    assert out[1]["labels"] is None
    with (tmp_path / "out.csv").open(newline="") as file:
        assert "Cardiovascular" in next(iter(csv.DictReader(file)))["labels"].split("; ")


def test_a_note_is_read_in_the_browser(page, app) -> None:
    page.get_by_role("tab", name="Clinical notes").click()
    page.locator("#note-text textarea").fill(NOTE + ' Signed <img src=x onerror="window.hit=1"> Dr. Zebulon Quist.')
    page.locator("#note-go").click()
    page.locator("#note-source").get_by_text("Answered by").wait_for()
    assert "Cardiovascular" in page.locator("#note-said").inner_text()
    assert "[NAME]" in page.locator("#note-view").inner_text()
    assert "Whitby" not in page.locator("#note-view").inner_text()
    page.locator("#note-chart .js-plotly-plot").wait_for()
    assert "410" in page.locator("#note-titles").inner_text()
    assert page.evaluate("window.hit") is None
    assert "Whitby" not in page.evaluate("JSON.stringify(localStorage)")
    assert page.errors == [] and page.strangers == []
    assert "Whitby" not in app.log
    page.reload()
    page.get_by_role("tab", name="Clinical notes").click()
    assert page.locator("#note-text textarea").input_value() == ""


def test_a_pdf_dropped_by_mistake_is_told_what_is_taken(page, tmp_path: Path) -> None:
    (tmp_path / "note.pdf").write_bytes(b"%PDF-1.4 x")
    page.get_by_role("tab", name="Clinical notes").click()
    page.locator("#note-file input[type=file]").set_input_files(tmp_path / "note.pdf")
    page.get_by_text("note.pdf").first.wait_for()
    page.locator("#note-go").click()
    page.get_by_role("paragraph").get_by_text("copy the text out").wait_for()
