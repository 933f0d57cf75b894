"""A note is read whole: windows, the head that weighs them, the sentences named, the file columns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

from models.heads import Group, LabelHead
from models.notes import _claimed
from models.reading import Reading
from tabs.notes import marked, text_of, verdict
from tasks import clinical_notes
from tasks.clinical_notes import HEAD, TASK, WINDOW, from_mtsamples, segments, window_text, windows
from tasks.deidentify import deidentify
from tasks.icd9 import CATEGORIES
from tasks.note_reading import Carried, NoteReading
from tasks.spec import Example, Prediction, UserError
from training.config import RunConfig
from training.loss import TaskLoss
from training.ranked import RankedReport, Ranking, load_report, measures, weighted


def test_every_claimed_sentence_stands_in_exactly_one_window() -> None:
    """Nothing past the encoder's window is ignored, however long the note."""
    note = " ".join(f"Finding number {i} was seen in the left lung." for i in range(400))
    found = windows(note)
    assert [s.text for window in found for s in window] == [
        f"Finding number {i} was seen in the left lung." for i in range(400)
    ]
    assert all(len(window_text(window)) <= WINDOW for window in found)
    for window in found:
        for sentence in window:
            assert note[sentence.start : sentence.end] == sentence.text


def test_denied_findings_are_never_read() -> None:
    """What the encoder sees holds no denied finding and no relative's."""
    read = " ".join(segments(Example(text="Denies chest pain. Father had a stroke. Acute asthma.")))
    assert "chest" not in read
    assert "stroke" not in read
    assert "asthma" in read


def test_a_sentence_copied_forward_is_read_once() -> None:
    """Notes repeat themselves day after day."""
    assert len(segments(Example(text="Acute asthma.\n" * 5000))) == 1


def test_a_sentence_longer_than_a_window_is_cut_and_kept() -> None:
    """No full stop, no loss."""
    words = [f"word{i}" for i in range(600)]
    assert " ".join(segments(Example(text=" ".join(words)))).replace(".", "").split() == words


def test_a_note_of_denials_only_is_still_an_answerable_example() -> None:
    """One empty window, never none."""
    assert segments(Example(text="Denies pain.")) == ("",)


def test_windows_joined_equal_one_softmax_over_all_tokens() -> None:
    """The head adds windows up exactly: in one piece or in several, in any order."""
    torch.manual_seed(0)
    head = LabelHead(width=8, hidden=4, outputs=3, dropout=0.0).eval()
    states = torch.randn(4, 5, 8)
    mask = torch.ones(4, 5, dtype=torch.long)
    mask[1, 3:] = 0
    owner = torch.tensor([0, 1, 0, 1])
    together = head([Group(states, mask)], owner, owner, 2)
    apart = head(
        [Group(states[[2, 0]], mask[[2, 0]]), Group(states[[1, 3]], mask[[1, 3]])], owner[[2, 0, 1, 3]], owner, 2
    )
    flat = [torch.cat([states[i][mask[i] == 1] for i in rows]) for rows in ((0, 2), (1, 3))]
    for row, tokens in enumerate(flat):
        weight, value = head.tokens(Group(tokens[None], torch.ones(1, len(tokens), dtype=torch.long)))
        plain = (weight.softmax(1) * value).sum(1)[0] + head.bias
        assert torch.allclose(together[row], plain, atol=1e-5)
    assert torch.allclose(together, apart, atol=1e-6)


def test_a_weak_label_says_nothing_of_the_others() -> None:
    """Of a report filed under urology nothing else is denied."""
    (example,) = from_mtsamples({"transcription": "Cystoscopy was done.", "specialties": ["Surgery", "Urology"]})
    config = RunConfig("clinical_notes", label_loss=0.0)
    target = TaskLoss(TASK, config, [example]).targets([example])[clinical_notes.HEAD][0].tolist()
    assert target[CATEGORIES.index("Genitourinary")] == 1
    assert {t for i, t in enumerate(target) if CATEGORIES[i] != "Genitourinary"} == {-1}
    assert from_mtsamples({"transcription": "x", "specialties": ["Surgery"]}) == ()


def test_nothing_is_claimed_below_its_cut() -> None:
    """Each category has its own threshold, and a note with none above it is not labelled."""
    reading = Reading.of(TASK, "minilm-l6", 256)
    reading = type(reading)(**{**reading.__dict__, "cuts": dict.fromkeys(CATEGORIES, 0.6) | {"Digestive": 0.3}})
    logits = np.full((2, 18), -4.0, np.float32)
    logits[0, CATEGORIES.index("Digestive")] = np.log(0.4 / 0.6)
    logits[1, CATEGORIES.index("Neoplasms")] = np.log(0.5 / 0.5)
    first, second = reading.predictions(logits)
    assert first.claimed == ("Digestive",)
    assert not first.abstained
    assert second.claimed == ()
    assert second.abstained
    assert clinical_notes.output(first)["labels"] == ["Digestive"]
    assert {f"p_{c}" for c in CATEGORIES} < set(clinical_notes.output(first))


def test_measures_agree_with_a_count_by_hand() -> None:
    """Two rows, three labels, one of which never occurs."""
    right = np.array([[1.0, 0, 0], [1, 1, 0]])
    scores = np.array([[0.9, 0.1, 0.5], [0.2, 0.8, 0.4]])
    found = measures(right, scores, np.array([[1.0, 0, 1], [0, 1, 0]]))
    assert found["lrap"] == pytest.approx((1 + (1 + 2 / 3) / 2) / 2)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["micro_f1"] == pytest.approx(2 * 2 / (3 + 3))


def test_measures_agree_with_scikit_learn_ties_and_absent_labels_included() -> None:
    """Ties count against; a label nobody has is left out of the means."""
    rng = np.random.default_rng(3)
    right, scores = (rng.random((60, 6)) > 0.7).astype(float), rng.integers(0, 9, (60, 6)) / 9
    right[:, 5] = 0
    some = right.sum(1) > 0
    found = measures(right, scores, scores > 0.5)
    assert found["lrap"] == pytest.approx(label_ranking_average_precision_score(right[some], scores[some]))
    assert found["macro_ap"] == pytest.approx(
        np.mean([average_precision_score(right[:, i], scores[:, i]) for i in range(5)])
    )
    twice = weighted(right, scores, scores > 0.5, np.full((1, 60), 2.0))
    assert {name: float(value[0]) for name, value in twice.items()} == pytest.approx(found)


def test_a_ranked_report_comes_back_as_it_was(tmp_path: Path) -> None:
    """The numbers are worked out from the rows, not read back."""
    rng = np.random.default_rng(0)
    right, scores = (rng.random((30, 18)) > 0.7).astype(float), rng.random((30, 18))
    sheet = Ranking.of(CATEGORIES, right, scores, (scores > 0.5).astype(float))
    report = RankedReport("clinical_notes", "abc", {"test": sheet}, {"test": {"prior": sheet}}, {}, "notes")
    report.write(tmp_path / "report.json")
    again = load_report(tmp_path / "report.json")
    assert again == report
    assert again.headline.endswith("on 30 notes")


def test_a_sentence_has_the_colour_of_the_category_it_is_most_of() -> None:
    """And the legend names no category of which nothing is drawn."""
    text = "Known diabetes. Acute infarction."
    scores = dict.fromkeys(CATEGORIES, 0.01) | {"Endocrine": 0.9, "Cardiovascular": 0.7, "Digestive": 0.3}
    first, second = (0, 15), (16, 33)
    reading = NoteReading(
        deidentify(text),
        Prediction("Endocrine", "Endocrine", scores, {HEAD: scores}, claimed=tuple(CATEGORIES[i] for i in (0, 3, 7))),
        read=1.0,
        carried={
            "Endocrine": (Carried(*first, 0.8), Carried(*second, 0.2)),
            "Cardiovascular": (Carried(*second, 0.9),),
            "Digestive": (Carried(*second, 0.5),),
        },
    )
    parts, colours = marked(reading)
    assert [part for part in parts if part[1]] == [(text[:15], "Endocrine"), (text[16:], "Cardiovascular")]
    assert {"Endocrine", "Cardiovascular"} <= colours.keys() and "Digestive" not in colours


def test_a_category_without_a_sentence_behind_it_is_said_to_have_none() -> None:
    scores = {category: 0.9 - i / 100 for i, category in enumerate(CATEGORIES)}
    claimed = (CATEGORIES[0], CATEGORIES[1], CATEGORIES[2])
    found = NoteReading(
        deidentify("A cough."),
        Prediction(CATEGORIES[0], CATEGORIES[0], scores, {HEAD: scores}, claimed=claimed),
        read=1.0,
        carried={CATEGORIES[0]: (Carried(0, 8, 1.0),), CATEGORIES[1]: ()},
    )
    assert f"No single sentence stands behind {CATEGORIES[1]}: the note as a whole spoke for it." in verdict(found)
    assert "No single" not in verdict(replace(found, carried={}))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("note", ["Fièvre 39°", "Fièvre à 39°"])
def test_a_text_file_is_read_in_the_encoding_it_was_written_in(tmp_path: Path, encoding: str, note: str) -> None:
    """An even number of Windows bytes is no UTF-16."""
    (tmp_path / "note.txt").write_bytes(note.encode(encoding))
    assert text_of("", str(tmp_path / "note.txt"), 100) == note


def test_a_typed_note_does_not_silently_beat_a_file(tmp_path: Path) -> None:
    """They may be of two patients; an empty box is none."""
    (tmp_path / "b.txt").write_text("Patient B: fracture of the hip.")
    with pytest.raises(UserError, match="clear the box or remove the file"):
        text_of("Patient A: pneumonia.", str(tmp_path / "b.txt"), 100)
    assert text_of(" \n", str(tmp_path / "b.txt"), 100) == "Patient B: fracture of the hip."
    assert text_of("Patient A: pneumonia.", None, 100) == "Patient A: pneumonia."


def test_titles_are_looked_up_by_what_a_sentence_claims() -> None:
    """Its denied half names another disease."""
    note = "No evidence of pulmonary embolism but COPD exacerbation."
    assert _claimed(windows(note), Carried(0, len(note), 1.0)) == "but COPD exacerbation."
