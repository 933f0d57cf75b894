"""Several runs launched as one: a ladder of recipes, a small grid over settings, or both. And how they compare.

python -m training.sweep recipes/ladder-*.yaml [--grid "rank: [8, 16]"] [--runs data/runs] [--csv table.csv]

A sweep is a file beside the runs that names them in order; its runs are runs like any other, and wait in the one line.
Knows nothing of browsers.
"""

import argparse
import csv
import hashlib
import io
import json
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import tasks
from models.export import defuse
from tasks.spec import UserError
from training import judge, plainyaml, rowfile
from training.config import RunConfig
from training.launch import Launcher
from training.ranked import RankedReport
from training.runs import ACTIVE, Run, RunStore

MOST = 24
"""Runs of one sweep."""
UNKNOWN = "not measured"


@dataclass(frozen=True)
class Sweep:
    """Runs that were launched together, the first the one that the others are set against."""

    id: str
    title: str
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Sweeps:
    """All sweeps of a store of runs."""

    store: RunStore

    @property
    def root(self) -> Path:
        """Return where they are kept."""
        return self.store.root.parent / "sweeps"

    def all(self) -> list[Sweep]:
        """Return all sweeps, newest first."""
        return [self._read(path) for path in sorted(self.root.glob("*.json"), reverse=True)]

    def get(self, id: str) -> Sweep:
        """Return the sweep of that id; raise UserError where there is none."""
        found = next((sweep for sweep in self.all() if sweep.id == id), None)
        if found is None:
            raise UserError("Choose a sweep first.")
        return found

    def launch(self, launcher: Launcher, configs: Sequence[RunConfig], title: str = "", token: str = "") -> Sweep:
        """Put all runs in line, in order; the same token twice launches once.

        Raises:
            UserError: if there are too few or too many for the line, or one of them is refused; none then waits.
        """
        check(configs)
        id = hashlib.sha256(token.encode()).hexdigest()[:12] if token else os.urandom(6).hex()
        if again := next((sweep for sweep in self.all() if sweep.id.endswith(id)), None):
            return again
        room = launcher.limits.waiting - sum(run.state == "queued" for run in self.store.runs())
        if len(configs) > room:
            raise UserError(f"There is room for {room} more runs in the line; this sweep has {len(configs)}.")
        runs: list[Run] = []
        try:
            for config, name in zip(configs, names(configs), strict=True):
                called = f"{title}: {name}" if title else name
                runs.append(launcher.launch(config, title=called[:120], token=f"{id} {len(runs)}"))
        except UserError:
            for run in runs:
                launcher.stop(run.id)
            raise
        sweep = Sweep(f"{time.strftime('%Y%m%d-%H%M%S')}-{id}", title, tuple(run.id for run in runs))
        self._write(sweep)
        return sweep

    def _write(self, sweep: Sweep) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        draft = self.root / f".{sweep.id}"
        draft.write_text(json.dumps({"title": sweep.title, "runs": list(sweep.runs)}), encoding="utf-8")
        draft.replace(self.root / f"{sweep.id}.json")

    @staticmethod
    def _read(path: Path) -> Sweep:
        saved = json.loads(path.read_text(encoding="utf-8"))
        return Sweep(path.stem, str(saved["title"]), tuple(saved["runs"]))


def ladder(text: str) -> list[RunConfig]:
    """Return the recipes of a text that holds one or several, divided by lines of three dashes.

    Raises:
        UserError: if one of them is no recipe.
    """
    found = plainyaml.documents(text, "The recipes are not readable YAML.")
    _few(len(found))
    return [RunConfig.said(one, f"Recipe {i}") for i, one in enumerate(found, 1)]


def grid(bases: Sequence[RunConfig], text: str) -> list[RunConfig]:
    """Return a run for every base and combination of the values that a text gives to settings, as `rank: [8, 16]`.

    Raises:
        UserError: if a setting is unknown, has no list of values, one of its values is refused, or there are too many.
    """
    said = plainyaml.document(text, "The grid is not readable YAML; write a line per setting, like rank: [8, 16].")
    if said is None:
        return list(bases)
    known = {f.name: f for f in fields(RunConfig) if f.name != "task"}
    if not isinstance(said, Mapping) or not all(isinstance(v, list) and v for v in said.values()):
        raise UserError("Give every setting of the grid a list of values, like rank: [8, 16].")
    if unknown := [str(name) for name in said if name not in known]:
        raise UserError(f"A grid cannot vary {', '.join(unknown)}; it can vary {', '.join(known)}.")
    _few(math.prod(map(len, said.values()), start=len(bases)))  # asked before any is made: memory has an end
    values = [[_value(known[name].type, value) for value in found] for name, found in said.items()]
    return [replace(b, **dict(zip(said, combined, strict=True))) for b in bases for combined in product(*values)]


def _few(runs: int) -> None:
    if runs > MOST:
        named = f"{runs:,}" if runs < 1_000_000 else "more than a million"
        raise UserError(f"A sweep has 2 to {MOST} runs; this one has {named}.")


def _value(kind: Any, value: Any) -> Any:
    """Return a value as the field takes it: YAML reads 1e-4 as a word, and a list where a tuple is meant."""
    if isinstance(value, str) and kind in (float, "float", int, "int"):
        try:
            value = float(value)
        except ValueError:
            return value  # refused by the config, in its words
    if isinstance(value, float) and kind in (int, "int") and value.is_integer():
        return int(value)
    return tuple(value) if isinstance(value, list) else value


def check(configs: Sequence[RunConfig]) -> None:
    """Raise UserError where these are no sweep: too few, too many, twice the same, or of several tasks."""
    _few(len(configs))
    if len(configs) < 2:
        raise UserError(f"A sweep has 2 to {MOST} runs; this one has {len(configs)}.")
    if len({config.task for config in configs}) > 1:
        raise UserError("The runs of a sweep must be of one task: others cannot be compared.")
    if len({config.dump() for config in configs}) < len(configs):
        raise UserError("Two runs of this sweep are the same.")


def differences(configs: Sequence[RunConfig]) -> list[str]:
    """Return the settings in which runs differ, in their order."""
    asked = [config.as_dict() for config in configs]
    return [name for name in (asked[0] if asked else ()) if any(one[name] != asked[0][name] for one in asked)]


def names(configs: Sequence[RunConfig]) -> list[str]:
    """Return what each run is called: the settings in which it differs from the others."""
    found = differences(configs)
    return [", ".join(f"{name} {_short(config.as_dict()[name])}" for name in found) for config in configs]


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "+".join(map(str, value)) or "default"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={part}" for name, part in value.items()) or "none"
    return str(value)


@dataclass(frozen=True)
class Comparison:
    """The table of a sweep: a row per run that is still there."""

    headers: list[str]
    rows: list[list[str]]

    @property
    def csv(self) -> str:
        """Return it as CSV, safe to open in a spreadsheet."""
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerows([[defuse(cell) for cell in row] for row in (self.headers, *self.rows)])
        return out.getvalue()


def compare(sweep: Sweep, store: RunStore) -> Comparison:
    """Return how the runs of a sweep differ, what they scored, and the verdict of each against the first."""
    there = set(store.ids())
    runs = [Run(store.root / id) for id in sweep.runs if id in there]
    configs = [run.config for run in runs]
    varied = differences(configs)
    many = any(tasks.get(config.task).heads[0].multi for config in configs)
    second = "ranking precision" if many else "accuracy"
    headers = [
        "run",
        "state",
        *varied,
        "validation",
        "macro-F1 [95 %]",
        f"{second} [95 %]",
        "verdict against the first",
    ]
    rows = []
    for run, config in zip(runs, configs, strict=True):
        settings = [_short(config.as_dict()[name]) for name in varied]
        held = run.facts.get("best_validation", {}).get("macro_f1")
        told = UNKNOWN if held is None else f"{held:.3f}"
        rows.append([run.title or run.id, run.state, *settings, told, *_scores(run), _verdict(run, runs[0])])
    return Comparison(headers, rows)


def _scores(run: Run) -> tuple[str, str]:
    report = run.report
    if report is None:
        return UNKNOWN, UNKNOWN
    sheet, intervals = report.main, report.main.intervals
    if isinstance(report, RankedReport):
        found = {name: sheet.numbers[name] for name in ("macro_f1", "lrap")}  # type: ignore[operator]
    else:
        found = {"macro_f1": report.main.macro_f1, "accuracy": report.main.accuracy}
    first, second = (f"{v:.3f} [{intervals[n][0]:.3f}, {intervals[n][1]:.3f}]" for n, v in found.items())
    return first, second


def _verdict(run: Run, first: Run) -> str:
    """Say how a run compares with the first on the same rows."""
    if run.id == first.id:
        return "the first"
    ours, theirs = run.report, first.report
    if ours is None or theirs is None:
        return UNKNOWN
    if isinstance(ours, RankedReport) and isinstance(theirs, RankedReport):
        found = judge.paired_many(ours.main, theirs.main)
        return found.sentence if found else "scored on other rows: not compared"
    mine, other = rowfile.read(run.rows_file), rowfile.read(first.rows_file)
    if mine is None or other is None or not mine.same(other):
        return "scored on other rows: not compared"
    return judge.paired(mine.right, mine.said, other.said, len(mine.labels)).sentence


def main(argv: Sequence[str] | None = None) -> int:
    """Launch a sweep, look after it until all its runs have ended, and print how they compare."""
    parser = argparse.ArgumentParser(prog="python -m training.sweep", description=__doc__.splitlines()[0])
    parser.add_argument("recipes", type=Path, nargs="+", help="YAML recipes, in the order in which they are compared")
    parser.add_argument("--grid", default="", help='settings to vary in each recipe, as "rank: [8, 16]"')
    parser.add_argument("--title", default="", help="what to call the sweep")
    parser.add_argument("--runs", type=Path, default=Path(os.environ.get("CARETUNE_HOME", "data")) / "runs")
    parser.add_argument("--csv", type=Path, help="write the table here, too")
    options = parser.parse_args(argv)
    store = RunStore(options.runs)
    launcher = Launcher(store)
    try:
        configs = grid([RunConfig.load(path) for path in options.recipes], options.grid)
        sweep = Sweeps(store).launch(launcher, configs, options.title)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{options.runs / id}\n" for id in sweep.runs))
    sys.stdout.flush()
    while any(store.get(id).state in ACTIVE or store.get(id).alive for id in sweep.runs):
        launcher.tick()
        time.sleep(1)
    found = compare(sweep, store)
    sys.stdout.write("".join("\t".join(row) + "\n" for row in (found.headers, *found.rows)))
    if options.csv:
        options.csv.write_text(found.csv, encoding="utf-8", newline="")
    return int(any(store.get(id).state != "finished" for id in sweep.runs))


if __name__ == "__main__":
    sys.exit(main())
