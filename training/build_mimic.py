"""Builds the founding study's dataset from MIMIC-III for those who hold it: discharge summaries by first diagnosis.

python -m training.build_mimic --noteevents NOTEEVENTS.csv --diagnoses DIAGNOSES_ICD.csv --out DIR

Both files may be .csv or .csv.gz as PhysioNet ships them. The notes are streamed: what is held in memory is one note,
a number per admission, and a sketch per row that is kept. What it writes stays credentialed data: do not publish.
"""

import argparse
import csv
import gzip
import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from datasketch import MinHash, MinHashLSH
from tqdm import tqdm

from tasks.icd9 import CATEGORIES, category
from tasks.spec import UserError

WARNING = "credentialed data: do not publish"
NOTE_COLUMNS = ("SUBJECT_ID", "HADM_ID", "CATEGORY", "ISERROR", "TEXT")
CODE_COLUMNS = ("SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE")
SPLITS = ("train", "validation", "test")
SIMILAR = 0.9
"""Jaccard similarity of word 3-grams from which a note counts as a copy of one already kept."""

STEPS = (
    "rows read",
    "unreadable row",
    "not a discharge summary",
    "marked as an error",
    "no admission number",
    "admission without a principal diagnosis in the 18 categories",
    "too few words",
    "too many words",
    "exact copy of a kept note",
    "near copy of a kept note",
    "kept",
)

csv.field_size_limit(2**27)


@dataclass(frozen=True)
class Options:
    """What is kept, and how it is cut. 0 for `max_words` means no upper limit."""

    min_words: int = 50
    max_words: int = 100
    test_share: float = 0.15
    validation_share: float = 0.15
    seed: int = 7

    def __post_init__(self) -> None:
        if self.min_words < 0 or self.max_words < 0 or (self.max_words and self.max_words < self.min_words):
            raise UserError("The word limits must be 0 or more, and the largest not below the smallest.")
        if not 0 <= self.test_share + self.validation_share < 1 or min(self.test_share, self.validation_share) < 0:
            raise UserError("The shares of test and validation must be 0 or more and leave something to train on.")


@dataclass
class Funnel:
    """How many rows each step dropped and why; what was masked; what was kept, by split and category."""

    options: Options
    steps: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    kept: dict[str, Counter[str]] = field(default_factory=lambda: {split: Counter() for split in SPLITS})
    inputs: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the funnel as plain data, every step in order, dropped or not."""
        return {
            "credentialed": True,
            "warning": WARNING,
            "options": asdict(self.options),
            "steps": {step: self.steps[step] for step in STEPS},
            "masked": dict(sorted(self.masked.items())),
            "kept": {split: {c: n[c] for c in CATEGORIES if n[c]} for split, n in self.kept.items()},
            "inputs_sha256": self.inputs,
        }

    def as_markdown(self) -> str:
        """Return the funnel for readers."""
        lines = [f"**{WARNING}**", "", "| step | rows |", "|---|---|"]
        lines += [f"| {step} | {self.steps[step]:,} |" for step in STEPS]
        lines += ["", "| category | " + " | ".join(SPLITS) + " |", "|---|---|---|---|"]
        lines += [
            f"| {c} | " + " | ".join(f"{self.kept[s][c]:,}" for s in SPLITS) + " |"
            for c in CATEGORIES
            if any(self.kept[s][c] for s in SPLITS)
        ]
        limits = f"{self.options.min_words} to {self.options.max_words or 'any number of'} words"
        return "\n".join([*lines, "", f"Notes of {limits}; split by patient, seed {self.options.seed}.", ""])


def principal(path: Path) -> dict[tuple[int, int], str]:
    """Return the category of each admission's principal diagnosis: (SUBJECT_ID, HADM_ID) to category.

    Raises:
        UserError: if the file is not there or lacks a column of MIMIC's.
    """
    found = {}
    for row in _rows(path, CODE_COLUMNS, "DIAGNOSES_ICD"):
        if row is not None and row["SEQ_NUM"].strip() == "1" and (name := category(row["ICD9_CODE"])):
            numbers = _numbers(row)
            if numbers:
                found[numbers] = sys.intern(name)
    return found


def clean_note(text: str) -> str:
    """Return the note on one line: no rules of dashes, no runs of space."""
    return re.sub(r"\s+", " ", re.sub(r"[_=*~-]{3,}", " ", text)).strip()


def build(notes: Path, diagnoses: Path, out: Path, options: Options) -> Funnel:
    """Write train, validation and test rows, the funnel and the warning into `out`; return the funnel.

    Raises:
        UserError: if an input cannot be used, or `out` already holds a dataset.
    """
    if (out / "funnel.json").exists():
        raise UserError(f"{out.name} already holds a dataset; choose an empty folder.")
    funnel = Funnel(options)
    admissions = principal(diagnoses)
    out.mkdir(parents=True, exist_ok=True)
    (out / "DO_NOT_PUBLISH.txt").write_text(WARNING + "\n")
    with ExitStack() as stack:
        files = {s: stack.enter_context((out / f".{s}.jsonl").open("w", encoding="utf-8")) for s in SPLITS}
        for split, row in _kept(notes, admissions, funnel):
            files[split].write(json.dumps(row, ensure_ascii=False) + "\n")
            funnel.kept[split][row["label"]] += 1
    funnel.inputs = {path.name: _sha256(path) for path in (notes, diagnoses)}
    for split in SPLITS:
        os.replace(out / f".{split}.jsonl", out / f"{split}.jsonl")
    (out / "funnel.md").write_text(funnel.as_markdown())
    (out / "funnel.json").write_text(json.dumps(funnel.as_dict(), indent=1) + "\n")
    return funnel


def _kept(
    notes: Path, admissions: Mapping[tuple[int, int], str], funnel: Funnel
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (split, row) of every note that passes all steps, counting at each step what it drops."""
    from tasks.deidentify import deidentify

    seen: set[bytes] = set()
    sketches = MinHashLSH(threshold=SIMILAR, num_perm=64)
    for row in _rows(notes, NOTE_COLUMNS, "NOTEEVENTS"):
        funnel.steps["rows read"] += 1
        why, label = _admitted(row, admissions)
        if row is None or label is None:
            funnel.steps[why] += 1
            continue
        masked = deidentify(row["TEXT"])
        funnel.masked.update(masked.counts)
        text = clean_note(masked.text)
        why = _length(text, funnel.options) or _copy(text, seen, sketches)
        funnel.steps[why or "kept"] += 1
        if not why:
            patient = hashlib.sha256(f"{funnel.options.seed} {row['SUBJECT_ID'].strip()}".encode()).hexdigest()
            yield _side(patient, funnel.options), {"text": text, "label": label, "group": patient[:16]}


def _admitted(row: Mapping[str, str] | None, admissions: Mapping[tuple[int, int], str]) -> tuple[str, str | None]:
    """Return the step that drops a row and None, or "" and its category."""
    if row is None:
        return "unreadable row", None
    if row["CATEGORY"].strip().lower() != "discharge summary":
        return "not a discharge summary", None
    if row["ISERROR"].strip() == "1":
        return "marked as an error", None
    numbers = _numbers(row)
    if numbers is None:
        return "no admission number", None
    return "admission without a principal diagnosis in the 18 categories", admissions.get(numbers)


def _length(text: str, options: Options) -> str:
    words = len(text.split())
    if words < options.min_words:
        return "too few words"
    return "too many words" if options.max_words and words > options.max_words else ""


def _copy(text: str, seen: set[bytes], sketches: MinHashLSH) -> str:
    """Return the step that drops a copy, or remember the note: 8 bytes and a sketch of 64 numbers."""
    words = re.findall(r"\w+", text.lower())
    digest = hashlib.sha256(" ".join(words).encode()).digest()[:8]
    if digest in seen:
        return "exact copy of a kept note"
    sketch = MinHash(num_perm=64, seed=1)
    sketch.update_batch([" ".join(words[i : i + 3]).encode() for i in range(max(len(words) - 2, 1))])
    if sketches.query(sketch):
        return "near copy of a kept note"
    seen.add(digest)
    sketches.insert(digest, sketch)
    return ""


def _side(patient: str, options: Options) -> str:
    """Return the split of a patient, by the hash alone: all their notes fall on one side."""
    place = int(patient[-8:], 16) / 16**8
    if place < options.test_share:
        return "test"
    return "validation" if place < options.test_share + options.validation_share else "train"


def _rows(path: Path, columns: Sequence[str], what: str) -> Iterator[dict[str, str] | None]:
    """Yield the rows of a table, None for one that cannot be read; show how far the file is."""
    if not path.is_file():
        raise UserError(f"There is no file {path.name}.")
    with path.open("rb") as raw, tqdm(total=path.stat().st_size, unit="B", unit_scale=True, desc=what) as bar:
        unpacked: Any = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
        reader = csv.reader(TextIOWrapper(unpacked, encoding="utf-8", errors="replace", newline=""))
        try:
            header = [name.strip().upper() for name in next(reader, [])]
            if missing := [name for name in columns if name not in header]:
                raise UserError(f"{path.name} lacks the columns {', '.join(missing)}; is it MIMIC-III's {what}?")
            places = {name: header.index(name) for name in columns}
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error:
                    yield None
                    continue
                bar.update(raw.tell() - bar.n)
                yield {n: cells[i] for n, i in places.items()} if len(cells) == len(header) else None
        except (EOFError, gzip.BadGzipFile) as error:
            raise UserError(f"{path.name} is cut off or no gzip file.") from error


def _numbers(row: Mapping[str, str]) -> tuple[int, int] | None:
    # NOTEEVENTS writes admission numbers as floats in some exports ("145834.0").
    found = [re.fullmatch(r"\s*(\d+)(?:\.0+)?\s*", row[name]) for name in ("SUBJECT_ID", "HADM_ID")]
    return (int(found[0][1]), int(found[1][1])) if found[0] and found[1] else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(argv: Sequence[str] | None = None) -> int:
    """Build the dataset from the shell; return 0, or 2 where an input cannot be used."""
    plain = Options()
    parser = argparse.ArgumentParser(prog="python -m training.build_mimic", description=__doc__.splitlines()[0])
    parser.add_argument("--noteevents", type=Path, required=True)
    parser.add_argument("--diagnoses", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    for name in ("min_words", "max_words", "seed"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(plain, name))
    for name in ("test_share", "validation_share"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(plain, name))
    given = vars(parser.parse_args(argv))
    paths = [given.pop(name) for name in ("noteevents", "diagnoses", "out")]
    try:
        funnel = build(*paths, Options(**given))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(funnel.as_markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
