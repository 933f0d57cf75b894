"""Into service, back again, and out of the house: with the shipped adapter standing in for a run."""

import json
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shipped_run import shipped_run

import tasks
from models.loading import load
from models.reading import Reading, read
from models.shelf import SHIPPED, Shelf
from tasks.spec import Example, Prediction, UserError
from training import rowfile
from training.calibrate import confusion
from training.merge import merged
from training.promote import PROBE, export_zip, keep_probe, promote, push, rollback, ship
from training.ranked import load_report
from training.report import Sheet
from training.runs import Run

TASK = tasks.get("drug_reviews")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = shipped_run(tmp_path / "runs", TASK.name)
    keep_probe(made, load(TASK, made.adapter, exact=True).logits(TASK.samples))
    return made


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


class FakeHub:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.made: list[tuple[str, bool]] = []
        self.files: list[str] = []

    def create_repo(self, repo: str, private: bool, exist_ok: bool) -> "FakeHub":
        self.made.append((repo, private))
        self.repo_id = repo
        return self

    def upload_file(self, path_or_fileobj: object, path_in_repo: str, repo_id: str) -> None:
        self.files.append(path_in_repo)

    def __str__(self) -> str:
        return "address"


def test_there_and_back(run: Run, shelf: Shelf) -> None:
    """Promoted over what shipped, warned of no gain, and rolled back to it."""
    before = shelf.current(TASK)
    done = promote(run, shelf)
    assert shelf.current(TASK).run == run.id
    interval = r"\[0\.\d\d, 0\.\d\d\]"
    said = rf"Not shown to be better: macro-F1 {interval} against {interval} of what served\."
    assert re.fullmatch(said, done.warning)
    assert "as shipped" in rollback(TASK, shelf)
    assert shelf.current(TASK) == before
    with pytest.raises(UserError, match="nothing to go back to"):
        rollback(TASK, shelf)


def test_the_way_back_leads_to_the_run_before(run: Run, shelf: Shelf, tmp_path: Path) -> None:
    """Two promotions, one step back."""
    promote(run, shelf)
    other = Run(tmp_path / "runs" / "drug_reviews-20990101-000000-aa")
    shutil.copytree(run.folder, other.folder)
    promote(other, shelf)
    assert run.id in rollback(TASK, shelf)
    assert shelf.current(TASK).run == run.id


def scored(run: Run, n: int, wrong: int, salt: str = "") -> Run:
    """Score a run by hand: the first `wrong` rows wrongly, all others rightly."""
    right = np.arange(n) % 3
    said = np.where(np.arange(n) < wrong, (right + 1) % 3, right)
    replace(run.report, sheets={"test": Sheet(TASK.labels, confusion(3, right, said))}).write(run.report_file)
    rows = [Example(text=f"row {i} {salt}", label=TASK.labels[j]) for i, j in enumerate(right)]
    share = dict.fromkeys(TASK.labels, 1 / 3)
    rowfile.write(run.rows_file, TASK, rows, [Prediction(None, TASK.labels[j], share) for j in said], {})
    replace(read(run.adapter, TASK), headline=run.report.headline).write(run.adapter)
    return run


def test_a_run_scored_on_other_rows_is_never_passed_over_in_silence(run: Run, shelf: Shelf, tmp_path: Path) -> None:
    """Eight rows all right say nothing of those that what serves was scored on, however wide apart the intervals."""
    n = load_report(SHIPPED / TASK.name / "report.json").main.n
    told = "It was scored on other rows (n = {}) than what served (n = {}), so their scores cannot be compared."
    assert promote(scored(run, 8, 0), shelf).warning == told.format(8, f"{n:,}")
    other = Run(tmp_path / "runs" / "drug_reviews-20990101-000000-aa")
    shutil.copytree(run.folder, other.folder)
    scored(run, 300, 150)  # as many of each label, but not the rows
    assert promote(scored(other, 300, 0, "else"), shelf).warning == told.format(300, 300)


def test_runs_on_the_same_rows_are_compared_row_by_row(run: Run, shelf: Shelf, tmp_path: Path) -> None:
    """A gain that two intervals of their own would not show is shown by the rows, and so is a loss."""
    promote(scored(run, 300, 40), shelf)
    other = Run(tmp_path / "runs" / "drug_reviews-20990101-000000-aa")
    shutil.copytree(run.folder, other.folder)
    scored(other, 300, 25)
    (low, _), (_, high) = (one.report.main.intervals["macro_f1"] for one in (other, run))
    assert low < high
    assert promote(other, shelf).warning == ""
    warning = promote(run, shelf).warning
    assert warning.startswith("Beside what served, on the same rows: worse: -0.") and "McNemar" in warning
    promote(scored(other, 300, 40), shelf)
    assert "the same rows: no detectable change" in promote(run, shelf).warning


def test_a_run_on_another_revision_of_its_base_stays_out(run: Run, shelf: Shelf, monkeypatch) -> None:
    before = shelf.current(TASK)
    run.note({"base_revision": "a" * 40})
    monkeypatch.setattr("training.promote.revision", lambda name: "b" * 40)
    with pytest.raises(UserError, match="another revision of its base"):
        promote(run, shelf)
    assert shelf.current(TASK) == before
    run.note({"base_revision": "b" * 40})
    assert promote(run, shelf).text


def test_an_adapter_that_answers_otherwise_than_it_did_stays_out(run: Run, shelf: Shelf) -> None:
    """The logits kept at training time are compared with those of the reloaded adapter."""
    probe = json.loads((run.folder / PROBE).read_text())
    probe[0][0] += 1
    (run.folder / PROBE).write_text(json.dumps(probe))
    with pytest.raises(UserError, match="answers otherwise"):
        promote(run, shelf)
    assert shelf.current(TASK).run != run.id


@pytest.mark.parametrize(("shift", "stays_out"), [(0.01, False), (0.03, True)])
def test_what_rounding_may_shift_is_taken_and_no_more(shift: float, stays_out: bool, run: Run, shelf: Shelf) -> None:
    logits = load(TASK, run.adapter).logits(TASK.samples).copy()
    logits[0, 0] += shift
    keep_probe(run, logits)
    if stays_out:
        with pytest.raises(UserError, match="answers otherwise"):
            promote(run, shelf)
    else:
        promote(run, shelf)
    assert (shelf.current(TASK).run == run.id) is not stays_out


def test_an_unscored_run_goes_nowhere(run: Run, shelf: Shelf, tmp_path: Path) -> None:
    """No score, no service, no parcel."""
    run.report_file.unlink()
    for do in (
        lambda: promote(run, shelf),
        lambda: export_zip(run, tmp_path),
        lambda: push(run, "me/x", api=FakeHub()),
    ):
        with pytest.raises(UserError, match="Only a run that has been scored"):
            do()


def test_a_run_read_otherwise_since_it_was_scored_goes_nowhere(run: Run, shelf: Shelf, tmp_path: Path) -> None:
    """Settled anew it has other thresholds than the score on it was got with: it must not go out under that score."""
    sealed = read(run.adapter, TASK)
    fresh = Reading.of(TASK, sealed.base, sealed.max_tokens)
    replace(sealed, threshold=0.1, headline=fresh.headline).write(run.adapter)
    for do in (
        lambda: promote(run, shelf),
        lambda: export_zip(run, tmp_path),
        lambda: push(run, "me/x", api=FakeHub()),
        lambda: ship(run, shelf, "card"),
        lambda: merged(run, tmp_path),
    ):
        with pytest.raises(UserError, match="changed after it was scored"):
            do()
    replace(sealed, threshold=0.1).write(run.adapter)  # scored again
    assert promote(run, shelf).text


def test_a_run_sealed_before_absent_labels_left_the_mean_is_unchanged(run: Run, shelf: Shelf, tmp_path) -> None:
    """Nothing about it changed but what macro-F1 is the mean of: 0.56 of three labels is 0.83 of the two that occur."""
    sheet = Sheet(TASK.labels, ((40, 3, 7, 0), (0, 0, 0, 0), (5, 5, 40, 0)))
    replace(run.report, sheets={"test": sheet}).write(run.report_file)
    sealed = read(run.adapter, TASK)
    replace(sealed, headline=f"macro-F1 0.56 [0.51, 0.60] on 100 {run.report.unit}").write(run.adapter)
    assert run.report.headline.startswith("macro-F1 0.83")
    assert export_zip(run, tmp_path).exists()
    assert promote(run, shelf).text and shelf.current(TASK).headline == run.report.headline
    replace(sealed, headline=f"macro-F1 0.57 [0.51, 0.60] on 100 {run.report.unit}").write(run.adapter)
    with pytest.raises(UserError, match="changed after it was scored"):
        promote(run, shelf)


def test_a_run_sealed_with_other_intervals_is_unchanged(run: Run, shelf: Shelf) -> None:
    sealed = read(run.adapter, TASK)
    assert " [" in sealed.headline
    replace(sealed, headline=re.sub(r"\[.*?\]", "[0.01, 0.99]", sealed.headline)).write(run.adapter)
    assert promote(run, shelf).text and shelf.current(TASK).headline == run.report.headline


def test_a_parcel_holds_weights_and_papers_and_no_code(run: Run, tmp_path: Path) -> None:
    """Safetensors, JSON, YAML, Markdown."""
    with zipfile.ZipFile(export_zip(run, tmp_path)) as archive:
        names = set(archive.namelist())
        assert "not-medical-advice" in archive.read("README.md").decode()
    assert {Path(name).suffix for name in names} == {".safetensors", ".json", ".yaml", ".md"}


def test_a_push_is_private_unless_said_otherwise(run: Run) -> None:
    """The card goes with the weights."""
    hub = FakeHub()
    assert push(run, "me/reviews", api=hub) == "address"
    assert hub.made == [("me/reviews", True)]
    assert {"adapter_model.safetensors", "head.safetensors", "README.md", "report.json"} <= set(hub.files)


def test_what_a_closed_set_taught_is_pushed_in_private_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's credentials are asked for, but its licence lets no adapter be shared."""
    closed = [d for d in tasks.get("health_claims").data if not d.ships and not d.credentialed]
    assert closed
    monkeypatch.setattr("training.promote.used", lambda run: closed)
    hub = FakeHub()
    with pytest.raises(UserError, match=f"trained on {closed[0].name}.* may not be shared"):
        push(run, "me/x", private=False, api=hub)
    assert hub.made == [] and hub.files == []
    assert push(run, "me/x", api=hub) == "address"
    assert hub.made == [("me/x", True)]


def test_what_is_shipped_takes_no_figures_of_the_adapter_before(run: Run, tmp_path: Path) -> None:
    """They are deleted, and that is said; the first time there is nothing to say."""
    shelf, told = Shelf(tmp_path / "shelf", tmp_path / "shipped"), []
    folder = ship(run, shelf, "card", told.append)
    assert told == [] and (folder / "README.md").read_text() == "card"
    (folder / "whole.json").write_text("{}")
    assert ship(run, shelf, "card", told.append) == folder
    assert not (folder / "whole.json").exists()
    (said,) = told
    assert said.startswith("whole.json held the figures of the adapter before and was deleted")
    assert "training.evaluate drug_reviews" in said


def test_what_credentialed_data_taught_stays_in_the_house(
    run: Run, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not pushed, not shipped, not served where the public asks; the parcel says so."""
    import training.promote as rules

    hidden = [d for d in tasks.get("clinical_notes").data if d.credentialed]
    monkeypatch.setattr(rules, "used", lambda run: hidden)
    hub = FakeHub()
    with pytest.raises(UserError, match="must not leave"):
        push(run, "me/x", api=hub)
    assert hub.made == []
    with pytest.raises(UserError, match="may not be shared"):
        ship(run, shelf, "card")
    with zipfile.ZipFile(export_zip(run, tmp_path)) as archive:
        assert "DO_NOT_PUBLISH.txt" in archive.namelist()
    monkeypatch.setenv("SPACE_ID", "me/space")
    with pytest.raises(UserError, match="must not serve the public"):
        promote(run, shelf)
