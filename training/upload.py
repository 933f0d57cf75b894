"""A trainer's own file: what is in it, which columns mean what, and its rows as Examples with every fault by line.

Reads .csv, .tsv, .jsonl and .parquet. Nothing is stored here and nothing of a file's text is logged: whoever launches
a run puts its rows into the run's folder (training/frozen.py). Knows nothing of models or of Gradio.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.tables import BadRow, Row, Table
from tasks.spec import Example, Task, UserError, check_text
from training import describe, labels, tells
from training.columns import FEW_VALUES, LABEL, Column, Look, Problems, guess, look, roles, within_limits
from training.describe import Lengths
from training.tells import Tell

__all__ = ["LABEL", "Column", "Loaded", "Look", "guess", "look", "read", "roles"]


@dataclass(frozen=True)
class Loaded:
    """The rows of a file as Examples, and all that is to be known of them before a run is launched.

    `lines` says for each example where it stood in the file; `values` are the label cells with their counts, `merges`
    a mapping of them that can be handed to `read` as it is. `sha256` names the file.
    """

    examples: tuple[Example, ...]
    lines: tuple[int, ...]
    problems: tuple[BadRow, ...]
    skipped: int
    left_out: int
    columns: Mapping[str, str]
    values: Mapping[str, int]
    merges: Mapping[str, str]
    histogram: Mapping[str, int]
    lengths: Lengths
    findings: tuple[str, ...]
    tells: tuple[Tell, ...]
    sha256: str


def read(
    path: Path, task: Task, columns: Mapping[str, str] | None = None, mapping: Mapping[str, str] | None = None
) -> Loaded:
    """Return the rows of a file as Examples of `task`.

    `columns` says which column is which role (`roles`), guessed where not given; `mapping` what label cells mean, by
    default only what needs no guess. A value that a mapping does not name means what is suggested for it: of many
    values only the commonest are shown to be mapped. Faulty rows are skipped and named by line.

    Raises:
        UserError: if the file, the columns or the mapping cannot be used.
    """
    table = Table(path)
    chosen = _columns(task, table, columns if columns is not None else guess(task, look(path)))
    bad, drafts = Problems(), []
    for row in within_limits(table):
        found = row if isinstance(row, BadRow) else _draft(task, chosen, row)
        if isinstance(found, BadRow):
            bad.add(found)
        else:
            drafts.append(found)
    values = Counter(value for draft in drafts for value in draft.values)
    merges = labels.suggest(task, values)
    meant = labels.exact(task, values) if mapping is None else merges | labels.check(task, mapping)
    kept, examples, left_out = [], [], 0
    for draft in drafts:
        if unknown := [value for value in draft.values if value not in meant]:
            bad.add(BadRow(draft.line, f"{chosen[LABEL]}: unknown label {describe.shown(unknown[0])[:40]!r}"))
        elif not (said := tuple(filter(None, (meant[value] for value in draft.values)))):
            left_out += 1
        else:
            kept.append(draft)
            examples.append(_example(task, draft, labels.meaning(task, said)))
    return Loaded(
        examples=tuple(examples),
        lines=tuple(draft.line for draft in kept),
        problems=tuple(sorted(bad.named, key=lambda problem: problem.line)),
        skipped=bad.count,
        left_out=left_out,
        columns=chosen,
        values=dict(values.most_common()),
        merges=merges,
        histogram=describe.histogram(task, examples),
        lengths=Lengths.of(examples),
        findings=tuple(_findings(task, examples, [draft.line for draft in kept], values, mapping)),
        tells=tuple(_tells(table, chosen, kept, examples)),
        sha256=_sha256(path),
    )


@dataclass(frozen=True)
class _Draft:
    """A row whose text and targets are known, its label cell not yet understood; `other` are the cells not read."""

    line: int
    texts: Mapping[str, str]
    values: tuple[str, ...]
    targets: Mapping[str, str | tuple[str, ...]]
    other: Mapping[str, str]


def _columns(task: Task, table: Table, given: Mapping[str, str]) -> dict[str, str]:
    chosen = {role: name for role, name in given.items() if name}
    known, there = roles(task), ", ".join(table.columns[:20])
    if wrong := [role for role in chosen if role not in known]:
        raise UserError(f"{task.title} reads no {wrong[0]!r}; a column can be {', '.join(known)}.")
    if gone := [name for name in chosen.values() if name not in table.columns]:
        raise UserError(f"This file has no column {gone[0]!r}; it has {there}.")
    texts = [name for role, name in chosen.items() if role in known[: known.index(LABEL)]]
    if not texts:
        raise UserError(f"Say which column holds the text; this file has {there}.")
    if LABEL not in chosen:
        raise UserError(f"Say which column holds the label; this file has {there}.")
    if twice := [name for name, uses in Counter(chosen.values()).items() if uses > 1]:
        raise UserError(f"The column {twice[0]!r} cannot be two things at once.")
    return chosen


def _draft(task: Task, columns: Mapping[str, str], row: Row) -> _Draft | BadRow:
    texts: dict[str, str] = {}
    targets: dict[str, str | tuple[str, ...]] = {}
    heads = {head.name: head for head in task.heads[1:]}
    for role, name in columns.items():
        cell = row.cells.get(name)
        if role == LABEL or cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        if role in heads:
            known = tuple(value for value in labels.values_of(heads[role], cell) if value in heads[role].values)
            targets |= {role: known if heads[role].multi else known[0]} if known else {}
            continue
        try:
            texts[role] = check_text(cell, task.max_chars)
        except UserError as error:
            return BadRow(row.line, f"{name}: {error}")
    values = labels.values_of(task.heads[0], row.cells.get(columns[LABEL]))
    if not texts:
        return BadRow(row.line, "no text")
    if not values:
        return BadRow(row.line, f"{columns[LABEL]}: no label")
    used = set(columns.values())
    other = {name: describe.shown(cell)[:80] for name, cell in row.cells.items() if name not in used}
    return _Draft(row.line, texts, values, targets, other)


def _example(task: Task, draft: _Draft, said: labels.Meaning) -> Example:
    targets = dict(draft.targets)
    if said.target is not None:
        targets[task.heads[0].name] = said.target
    if len(task.slots) == 1:
        return Example(text=draft.texts["text"], label=said.label, targets=targets)
    return Example(fields=draft.texts, label=said.label, targets=targets)


def _findings(
    task: Task,
    examples: Sequence[Example],
    lines: Sequence[int],
    values: Mapping[str, int],
    mapping: Mapping[str, str] | None,
) -> Iterator[str]:
    """Yield what is wrong with the rows as a whole, a sentence each."""
    for group in labels.spellings(values):
        said = ", ".join(f"{value!r} ({values[value]:,})" for value in group)
        yield f"These labels differ only in their spelling: {said}; they can be merged."
    offered = set(labels.suggest(task, values)) - set(labels.exact(task, values))
    if mapping is None and offered:
        yield f"{len(offered):,} kinds of label are not written as the task's labels are; a ready mapping is offered."
    if not examples:
        some, known = ", ".join(describe.shown(value)[:40] for value in list(values)[:8]), ", ".join(task.labels)
        yield f"No row can be used yet: say which of {known} is meant by {some or 'which label'}."
        return
    yield from describe.gaps({"uploaded": describe.histogram(task, examples)})
    surplus, torn = describe.repeats(examples)
    if surplus:
        yield f"{surplus:,} rows repeat an earlier row word for word."
    if torn:
        some = "; ".join(", ".join(f"{lines[i]}" for i in group[:4]) for group in torn[:3])
        yield f"{len(torn):,} texts carry more than one label (lines {some})."


def _tells(table: Table, chosen: Mapping[str, str], kept: Sequence[_Draft], rows: Sequence[Example]) -> list[Tell]:
    """Return what gives the labels away: words and shapes of what is read, and columns that are not."""
    marks = [tells.marks_of(row) for row in rows]
    unused = [name for name in table.columns if name not in chosen.values()][:FEW_VALUES]
    cells = {name: [draft.other.get(name, "") for draft in kept] for name in unused}
    return [*tells.of(rows), *tells.columns(cells, marks)]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
