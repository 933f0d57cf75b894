"""Hub datasets: pinned to a commit, only public ones, no code run, and a silent or absent Hub told in a sentence."""

import json
import sys
from pathlib import Path

import pytest
from datasets import ClassLabel, Features, Value
from datasets.exceptions import DataFilesNotFoundError, DatasetNotFoundError
from datasets.table import CastError
from huggingface_hub.errors import OfflineModeIsEnabled
from pyarrow import ArrowInvalid

import tasks
from tasks.spec import UserError
from training import hub, upload

COMMIT = "c0ffee" + "0" * 34


def asked(folder: Path, **changes: object) -> dict:
    usual = {"repo": "owner/reviews", "subset": None, "split": "train", "revision": None}
    return {**usual, "target": str(folder / "rows.jsonl"), **changes}


def child(folder: Path, code: str) -> tuple[str, ...]:
    """Return a command that stands in for the child process."""
    path = folder / "child.py"
    path.write_text(code)
    return (sys.executable, str(path))


def test_rows_are_of_the_commit_that_the_revision_meant(tmp_path) -> None:
    calls = []

    def load(repo: str, subset: str | None, split: str, commit: str) -> list[dict]:
        calls.append((repo, subset, split, commit))
        return [{"text": "caf\u00e9 \u2028", "label": "good", "blob": b"\x00"}, {"text": "b", "label": None}]

    said = hub.collect(asked(tmp_path, subset="small", revision="main"), lambda repo, revision: COMMIT, load)
    assert said == {"revision": COMMIT, "rows": 2, "whole": True}
    assert calls == [("owner/reviews", "small", "train", COMMIT)]
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    kept = [{"text": "caf\u00e9 \u2028", "label": "good"}, {"text": "b", "label": None}]
    assert [json.loads(line) for line in lines] == kept


@pytest.mark.parametrize(("limit", "value"), [("MAX_ROWS", 3), ("MAX_TEXT", 50)])
def test_no_more_rows_come_than_a_run_can_take(tmp_path, monkeypatch, limit: str, value: int) -> None:
    monkeypatch.setattr(hub, limit, value)
    endless = ({"text": f"row {i:06}"} for i in iter(int, 1))
    said = hub.collect(asked(tmp_path), lambda *_: COMMIT, lambda *_: endless)
    assert not said["whole"] and said["rows"] <= 3
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == said["rows"]


def _raise(error: Exception) -> object:
    raise error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OfflineModeIsEnabled("secret words of the Hub"), "cannot be reached"),
        (ConnectionError("secret"), "cannot be reached"),
        (DatasetNotFoundError("secret"), "no public dataset owner/reviews"),
        (DataFilesNotFoundError("secret"), "cannot be read as rows"),
        (ArrowInvalid("JSON parse error: secret"), "cannot be read as rows"),
        (CastError("secret", table_column_names=["a"], requested_column_names=["b"]), "cannot be read as rows"),
        (UnicodeDecodeError("utf-8", b"secret", 0, 1, "secret"), "cannot be read as rows"),
        (RuntimeError("Dataset scripts are no longer supported, but found secret.py"), "loading script"),
        (ValueError("BuilderConfig 'secret' not found"), "no split 'train'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_refusal_of_the_hub_is_a_sentence_of_ours(tmp_path, error: Exception, said: str) -> None:
    found = hub.collect(asked(tmp_path), lambda *_: COMMIT, lambda *_: _raise(error))
    assert said in found["error"] and "secret" not in found["error"]


def test_a_fault_of_our_own_is_not_passed_off_as_the_hubs(tmp_path) -> None:
    with pytest.raises(RuntimeError, match="our bug"):
        hub.collect(asked(tmp_path), lambda *_: COMMIT, lambda *_: _raise(RuntimeError("our bug")))


def test_class_numbers_become_the_sets_own_names() -> None:
    features = Features({"text": Value("string"), "label": ClassLabel(names=["bad", "good"])})
    rows = [{"text": "a", "label": 1}, {"text": "b", "label": -1}, {"text": "c", "label": None}]
    assert [row["label"] for row in hub.named_classes(rows, features)] == ["good", -1, None]
    assert list(hub.named_classes(rows, None)) == rows


NAMES = ["otheruser", "./x", "../runs", "/etc", "~/x", "csv", "a/b/c", "a/b@main", "a/..", "-x/y", "a/b\n", "a/b?x=1"]
NAMES += [
    "file:///etc/passwd",
    "hf://datasets/a/b",
    "s3://b/k",
    "a/" + "b" * 97,
    "\u0430/b",
    "",
    "a/",
    "a/b..c",
    "zip://a/b",
]


@pytest.mark.parametrize("repo", NAMES)
def test_what_could_be_read_from_this_machine_is_no_hub_id(tmp_path, repo: str) -> None:
    with pytest.raises(UserError, match="owner/name"):
        hub.fetch(repo, tmp_path / "rows.jsonl", command=("false",))


@pytest.mark.parametrize("names", [{"subset": "../x"}, {"split": "train[:10%]"}, {"split": ""}, {"revision": "a..b"}])
def test_odd_subsets_splits_and_revisions_are_refused(tmp_path, names: dict[str, str]) -> None:
    with pytest.raises(UserError):
        hub.fetch("a/b", tmp_path / "rows.jsonl", **names, command=("false",))


def test_what_is_fetched_is_read_like_any_file(tmp_path, monkeypatch) -> None:
    """The child runs in an empty folder, sees no token, and its rows go the way of an upload."""
    monkeypatch.setenv("HF_TOKEN", "hf_canary")
    code = (
        "import json, os, sys; asked = json.loads(sys.argv[1]);"
        "assert os.listdir('.') == [] and 'hf_canary' not in str(dict(os.environ)) and not sys.stdin.read();"
        "rows = [{'review': 'fine words', 'label': 'positive'}, {'review': 'bad words', 'label': 'negative'}];"
        "open(asked['target'], 'w').writelines(json.dumps(row) + chr(10) for row in rows);"
        f"print('noise'); print(json.dumps({{'revision': '{COMMIT}', 'rows': 2, 'whole': True}}))"
    )
    got = hub.fetch("a/b", tmp_path / "rows.jsonl", "small", command=child(tmp_path, code))
    assert got.source == {"hub": "a/b", "subset": "small", "split": "train", "revision": COMMIT}
    loaded = upload.read(got.path, tasks.get("drug_reviews"))
    assert [example.label for example in loaded.examples] == ["positive", "negative"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import time; time.sleep(60)", "within 1 seconds"),
        ("import sys; sys.stderr.write('secret'); sys.exit(1)", "could not be fetched"),
        ("print('[1]')", "could not be fetched"),
        ("print('{\"rows\": 3}')", "could not be fetched"),
        ('print(\'{"error": "There is no such set."}\')', "no such set"),
    ],
    ids=["hangs", "crashes", "answers nonsense", "answers half", "refuses"],
)
def test_a_child_that_fails_leaves_a_sentence_and_no_file(tmp_path, code: str, said: str) -> None:
    (tmp_path / "rows.jsonl").write_text("half a row")
    with pytest.raises(UserError, match=said):
        hub.fetch("a/b", tmp_path / "rows.jsonl", seconds=1 if "sleep" in code else 30, command=child(tmp_path, code))
    assert not (tmp_path / "rows.jsonl").exists()


def test_without_a_network_the_true_child_says_so(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="cannot be reached"):
        hub.fetch("qiaojin/PubMedQA", tmp_path / "rows.jsonl", "pqa_labeled", seconds=60)
