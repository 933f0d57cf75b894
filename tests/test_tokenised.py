"""Cached token ids: the same batches as without, found again, made again when anything they hang on changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import tasks
from models.bases import locate
from models.encoder import Words
from tasks.spec import Example
from training import tokenised
from training.config import RunConfig
from training.fitting import Outside
from training.learner import fit
from training.runs import RunStore
from training.tokenised import Tokenised, forms
from training.train import outside

REVIEWS, NOTES = tasks.get("drug_reviews"), tasks.get("clinical_notes")
ROWS = [
    Example(fields={"benefits": f"helped {i}", "side effects": "", "comments": "one at night " * i}, label="positive")
    for i in range(8)
]
ROWS += [Example(text="pasted whole", label="negative"), Example(text="", label="neutral")]
START = "The patient has fever. He denies cough. "
LONG = [Example(text=START + f"Heart sounds are normal on day {i}. " * 60) for i in range(3)]
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(locate("minilm-l6"), 64)


def made(words: Words, folder: Path, rows: list[Example] = ROWS, task: tasks.Task = REVIEWS) -> Tokenised:
    return tokenised.tokenised(task, words, locate("minilm-l6"), rows, folder)


@pytest.mark.parametrize(("task", "rows"), [(REVIEWS, ROWS), (NOTES, LONG)], ids=lambda v: getattr(v, "name", ""))
def test_a_cached_batch_is_the_batch(tmp_path, words: Words, task: tasks.Task, rows: list[Example]) -> None:
    for found in (made(words, tmp_path, rows, task), made(words, tmp_path, rows, task)):  # made, then read back
        picks = [(row, form) for row in range(len(rows)) for form in range(len(forms(task, rows[row])))]
        assert len(found) == len(picks)
        cached = found.batch(picks)
        fresh = words.batch([task.segments(forms(task, rows[row])[form][1]) for row, form in picks])
        assert cached.ids == fresh.ids and cached.examples == fresh.examples
        assert torch.equal(cached.owner, fresh.owner) and torch.equal(cached.slot, fresh.slot)


def test_the_second_time_nothing_is_tokenised(tmp_path, words: Words, monkeypatch) -> None:
    made(words, tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.suffix == ".arrow"
    monkeypatch.setattr(Words, "ids", lambda *_: pytest.fail("tokenised again"))
    made(words, tmp_path)


def test_the_key_hangs_on_everything_the_ids_hang_on(tmp_path, words: Words, monkeypatch) -> None:
    tokenizer, other = locate("minilm-l6"), tmp_path / "other"
    other.mkdir()
    (other / "tokenizer.json").write_bytes((tokenizer / "tokenizer.json").read_bytes() + b" ")
    changed = [*ROWS[:-1], Example(text=" ", label="neutral")]
    keys = {
        tokenised.key(REVIEWS, tokenizer, 64, ROWS),
        tokenised.key(REVIEWS, tokenizer, 65, ROWS),
        tokenised.key(REVIEWS, other, 64, ROWS),
        tokenised.key(NOTES, tokenizer, 64, ROWS),
        tokenised.key(REVIEWS, tokenizer, 64, changed),
        tokenised.key(REVIEWS, tokenizer, 64, ROWS[::-1]),
    }
    assert len(keys) == 6
    code = tmp_path / "code"
    code.mkdir()
    (code / "__init__.py").write_text("")
    monkeypatch.setattr(tokenised.tasks, "__file__", str(code / "__init__.py"))
    assert tokenised.key(REVIEWS, tokenizer, 64, ROWS) not in keys  # the code that cuts segments is another


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other"])
def test_a_damaged_file_is_made_again(tmp_path, words: Words, damage: str) -> None:
    good = made(words, tmp_path).batch([(3, 0)]).ids
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    at = content.rfind(torch.tensor(good[-1][1:4], dtype=torch.int32).numpy().tobytes())
    assert at > 0
    flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    file.write_bytes({"cut": content[: len(content) // 2], "flip": flipped, "empty": b"", "other": b"text"}[damage])
    assert made(words, tmp_path).batch([(3, 0)]).ids == good
    assert file.read_bytes() == content


RACE = """
import sys
from pathlib import Path
import pyarrow as pa
from training.tokenised import _open, _write
path = Path(sys.argv[1]) / "a.arrow"
ids = pa.array([[i] * 500 for i in range(100)], pa.list_(pa.int32()))
table = pa.table({"row": range(100), "form": [0] * 100, "slot": [0] * 100, "ids": ids})
for _ in range(30):
    _write(table, path, "a")
    found = _open(path, "a")
    assert found is not None and found["ids"].to_pylist() == ids.to_pylist()
"""


def test_two_processes_that_make_the_same_file_never_see_half_of_it(tmp_path) -> None:
    command = [sys.executable, "-c", RACE, str(tmp_path)]
    both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    assert [file.name for file in tmp_path.iterdir()] == ["a.arrow"]  # and no draft


def test_files_unused_for_longest_go_first(tmp_path, words: Words, monkeypatch) -> None:
    made(words, tmp_path, ROWS[:4])
    (first,) = tmp_path.iterdir()
    os.utime(first, (1, 1))
    made(words, tmp_path, ROWS[:5])
    monkeypatch.setattr(tokenised, "MOST", 2 * first.stat().st_size + 2000)
    made(words, tmp_path, ROWS[:6])
    assert not first.exists() and len(list(tmp_path.iterdir())) == 2


def test_no_rows_are_no_batch(tmp_path, words: Words) -> None:
    assert len(made(words, tmp_path, [])) == 0


def test_a_fit_on_kept_tokens_is_the_fit_bit_for_bit(tmp_path, words: Words, monkeypatch) -> None:
    """The trainer reads what is kept: without it, with it fresh, and with it found, the weights are the same."""
    rows = [Example(fields=row.fields, text=row.text, label=row.label, targets={"rating": "9"}) for row in ROWS]
    config = RunConfig(
        REVIEWS.name, datasets=("druglib",), epochs=2, batch_size=4, rank=2, first_layer=5, max_tokens=64
    )
    found = []
    for kept in (None, tmp_path, tmp_path):
        if list(tmp_path.iterdir()):
            monkeypatch.setattr(Words, "ids", lambda *_: pytest.fail("tokenised again"))
        learned = fit(REVIEWS, config, rows, lambda reader: {"score": 0.0}, Outside(tokens=kept))
        found.append([p.detach().clone() for p in learned.reader.parameters() if p.requires_grad])
    assert len(list(tmp_path.iterdir())) == 1
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize(
    ("sets", "shared"), [(("druglib",), True), ((f"own-{'a' * 64}",), False), ((), True)], ids=["set", "own", "all"]
)
def test_tokens_of_private_rows_stay_in_their_run(tmp_path, sets: tuple[str, ...], shared: bool) -> None:
    """Token ids are as good as the text: those of somebody's own rows go when the run is deleted."""
    run = RunStore(tmp_path / "runs").create(RunConfig(REVIEWS.name, datasets=sets))
    assert outside(run, "main").tokens == (tmp_path if shared else run.folder) / "tokens"
