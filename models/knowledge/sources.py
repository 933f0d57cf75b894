"""Where passages come from: the known corpora, from a local copy or the Hub at a pinned commit, and one's own files.

No dataset's code is ever run, and no token is handed on. Knows nothing of indexes. Only the answers of a corpus become
passages: a question by which search is measured is never among them.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.knowledge.passages import Passage
from models.tables import BadRow, Row, Table
from tasks.spec import UserError

Cells = Mapping[str, Any]
Load = Callable[[str, str | None, str, str], Iterable[Cells]]
CommitOf = Callable[[str, str | None], str]


@dataclass(frozen=True)
class Source:
    """A corpus known by name: its local files, its Hub set, and how a row of either becomes a passage.

    `shape` is the ranking that fits it (models/knowledge/ranking); a `revision` of None is resolved and recorded.
    """

    name: str
    files: tuple[str, ...]
    repo: str
    subset: str | None
    split: str
    revision: str | None
    shape: str
    passage: Callable[[Cells], Passage | None]


@dataclass(frozen=True)
class Read:
    """Passages, where exactly they came from, and the lines that could not be read."""

    passages: list[Passage]
    source: str
    revision: str
    shape: str
    bad: tuple[str, ...] = ()


def _medquad(row: Cells) -> Passage | None:
    text = row.get("text") or row.get("answer")
    if not text:
        return None  # three of MedQuAD's sites had their answers removed for copyright
    source = row.get("source") or row.get("document_source") or ""
    names = row.get("synonyms") or []
    return Passage(
        id=row.get("id") or f"{source}_{row['question_id']}",
        title=row.get("focus") or row.get("question_focus") or "",
        text=text,
        collection="medquad",
        organisation=f"NIH ({source})" if source != "CDC" else "CDC",
        url=row.get("url") or row.get("document_url") or "",
        kind="reference",
        also=tuple(names.split("|") if isinstance(names, str) else names),
    )


def _pubmedqa(row: Cells) -> Passage:
    context = row.get("context", row)
    pmid = str(row.get("pmid") or row["pubid"])
    return Passage(
        id=pmid,
        title=row["question"],
        text="\n".join([*context["contexts"], row["long_answer"]]),
        collection="pubmedqa",
        organisation="PubMed",
        year=int(row["year"]) if str(row.get("year") or "").isdigit() else None,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        kind="paper",
    )


def _scifact(row: Cells) -> Passage:
    abstract = row.get("abstract") or row.get("text") or ""
    return Passage(
        id=str(row.get("doc_id") or row["_id"]),
        title=row["title"],
        text=abstract if isinstance(abstract, str) else " ".join(abstract),
        collection="scifact",
        kind="paper",
    )


# Revisions: those of the dataset shelf (a test compares them); mteb/scifact's is the one the MTEB benchmark pins.
KNOWN = {
    source.name: source
    for source in (
        Source(
            "medquad",
            ("passages.jsonl.gz",),
            "lavita/MedQuAD",
            None,
            "train",
            "84ea67f83cec9692ad254eaa02c9731b24ecfe4c",
            "topics",
            _medquad,
        ),
        Source(
            "pubmedqa",
            ("train.jsonl.gz", "test.jsonl.gz"),
            "qiaojin/PubMedQA",
            "pqa_labeled",
            "train",
            "9001f2853fb87cab8d220904e0de81ac6973b318",
            "papers",
            _pubmedqa,
        ),
        Source(
            "scifact",
            ("corpus.jsonl.gz",),
            "mteb/scifact",
            "corpus",
            "corpus",
            "0228b52cf27578f30900b9e5271d331663a030d7",
            "papers",
            _scifact,
        ),
    )
}


def read(source: str, path: Path | None = None, name: str = "") -> Read:
    """Return the passages of a known corpus (from `path`, else the Hub), or of a file or folder of one's own.

    Raises:
        UserError: if there is no such source, a local copy lacks a file, or the Hub cannot be reached.
    """
    known = KNOWN.get(source)
    if known is None:
        place = path or Path(source)
        if not place.exists():
            raise UserError(f"{source!r} is neither a file or folder here nor one of {', '.join(KNOWN)}.")
        return own(place, name or slug(place))
    if path is not None:
        return _local(known, path)
    return from_hub(known)


def slug(place: Path) -> str:
    """Return a collection's name made of a file's or folder's."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in place.name.split(".")[0].lower())
    return plain.strip("-")[:64] or "own"


def _distinct(passages: Iterable[Passage | None]) -> list[Passage]:
    """Return the passages with text; the Hub's MedQuAD says 48 things twice under one id."""
    kept: dict[str, Passage] = {}
    for passage in passages:
        if passage is not None:
            kept.setdefault(passage.id, passage)
    return list(kept.values())


def _local(known: Source, folder: Path) -> Read:
    rows: list[Cells] = []
    for name in known.files:
        place = folder / name if (folder / name).is_file() else folder / name.removesuffix(".gz")
        try:
            opener = gzip.open if place.suffix == ".gz" else open
            with opener(place, "rt", encoding="utf-8") as file:
                rows += [json.loads(line) for line in file if line.strip()]
        except FileNotFoundError as error:
            raise UserError(f"The local copy of {known.name} lacks {name}; --path must name its folder.") from error
        except (OSError, ValueError, EOFError) as error:
            raise UserError(f"The file {name} of {known.name} is damaged.") from error
    return Read(_mapped(known, rows), f"local copy of {known.name}", "", known.shape)


def _mapped(known: Source, rows: Iterable[Cells]) -> list[Passage]:
    try:
        return _distinct(map(known.passage, rows))
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"These rows are not those of {known.name}: {error} is missing or odd.") from error


def from_hub(known: Source, commit_of: CommitOf | None = None, load: Load | None = None) -> Read:
    """Return the passages of a corpus on the Hub, at its pinned commit or the one its main branch has now.

    Raises:
        UserError: if the Hub cannot be reached, or has the set no more.
    """
    from datasets.exceptions import DatasetsError
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, OfflineModeIsEnabled

    try:
        commit = known.revision or (commit_of or _commit_of)(known.repo, None)
        rows = (load or _load)(known.repo, known.subset, known.split, commit)
        return Read(_mapped(known, rows), f"Hub: {known.repo}", commit, known.shape)
    except (HfHubHTTPError, DatasetsError, ValueError) as error:
        raise UserError(f"{known.repo} at {known.revision or 'its newest'} is not to be had from the Hub.") from error
    except (OSError, HTTPError, OfflineModeIsEnabled) as error:
        local = f"python -m models.knowledge build --source {known.name} --path FOLDER"
        raise UserError(f"The Hub cannot be reached from here. With a local copy: {local}") from error


def _commit_of(repo: str, revision: str | None) -> str:
    from huggingface_hub import HfApi

    return str(HfApi(token=False).dataset_info(repo, revision=revision, timeout=15).sha)


def _load(repo: str, subset: str | None, split: str, commit: str) -> Iterable[Cells]:
    from datasets import load_dataset

    return load_dataset(repo, name=subset, split=split, revision=commit, streaming=True, token=False)


FIELDS: dict[str, Sequence[str]] = {
    "id": ("id", "_id", "passage_id", "doc_id", "pmid"),
    "text": ("text", "passage", "abstract", "content", "body", "statement", "answer"),
    "title": ("title", "focus", "name", "topic"),
    "organisation": ("organisation", "organization", "publisher"),
    "year": ("year",),
    "url": ("url", "link"),
    "kind": ("kind", "type"),
    "limits": ("limits",),
}
"""Column names by which one's own rows are read, first found first."""
_TEXTS = (".txt", ".md")
_TABLES = (".jsonl", ".csv", ".tsv", ".parquet")


def own(place: Path, name: str) -> Read:
    """Return the passages of a file, or of every file below a folder that is text or a table.

    A text file is one passage; a table gives one a row, by its columns FIELDS. A row that cannot be read is named in
    `bad`, and reading goes on.

    Raises:
        UserError: if no file here can be read, or a table has no column of text.
    """
    files = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
    files = [file for file in files if file.suffix.lower() in (*_TEXTS, *_TABLES)]
    if not files:
        raise UserError(f"There is nothing to read in {place.name}: {', '.join((*_TEXTS, *_TABLES))} are read.")
    passages: list[Passage] = []
    bad: list[str] = []
    for file in files:
        label = file.relative_to(place).as_posix() if place.is_dir() else file.name
        if file.suffix.lower() in _TEXTS:
            text = file.read_text(encoding="utf-8", errors="replace")
            passages.append(Passage(label, file.stem, text, name))
            continue
        for found in _rows(file, label, name):
            (passages if isinstance(found, Passage) else bad).append(found)  # type: ignore[arg-type]
    return Read(passages, f"own {'folder' if place.is_dir() else 'file'} {place.name}", "", "plain", tuple(bad))


def _rows(file: Path, label: str, name: str) -> Iterator[Passage | str]:
    table = Table(file)
    if not any(column in table.columns for column in FIELDS["text"]):
        raise UserError(f"{label} has no column of text; one of these is looked for: {', '.join(FIELDS['text'])}.")
    for row in table:
        if isinstance(row, BadRow):
            yield f"{label}, line {row.line}: {row.reason}"
            continue
        yield _own(row, label, name)


def _own(row: Row, label: str, name: str) -> Passage:
    cells = {field: next((row.cells[c] for c in names if row.cells.get(c)), "") for field, names in FIELDS.items()}
    values = {field: "\n".join(map(str, v)) if isinstance(v, list) else str(v) for field, v in cells.items()}
    year, key = values.pop("year"), values.pop("id") or f"{label}:{row.line}"
    return Passage(id=key, year=int(year) if year.isdigit() else None, collection=name, **values)
