"""Score a run on the test rows, beside the floors, and leave the report in its folder.

python -m training.evaluate data/runs/<id> [--ship]
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import tasks
from models import reading
from models.loading import load
from models.predictor import Predictor, SlotPredictor
from models.shelf import SHIPPED, Shelf
from tasks.spec import Example, Prediction, Task, UserError
from training import data, leaks, repeats, rowfile, statistics, taught, untuned
from training.calibrate import confusion
from training.cards import card
from training.config import RunConfig
from training.evaluate_ranked import evaluate_ranked, filled
from training.floors import Tfidf, majority
from training.promote import ship
from training.ranked import RankedReport
from training.report import Report, Sheet
from training.runs import Run

Counts = tuple[int, int, int]
WHOLE = ("health_claims", "medical_qa")
"""Tasks whose adapter is one part of what a visitor is told."""
MOST_COMPARED = 200_000
"""Rows learned from beyond which nobody looks for near-repeats of test rows among them: it would take minutes."""


def said(predictor: Predictor, task: Task, examples: Sequence[Example], declines: bool = False) -> list[int]:
    """Return the index of the label said of each example; len(labels) where the predictor may and does decline."""
    places = {label: i for i, label in enumerate(task.labels)} | {None: len(task.labels)}
    return [places[p.label if declines else p.best] for p in predictor.predict(examples)]


class Once:
    """A predictor that is asked about every row once, however many sheets the row stands on."""

    def __init__(self, predictor: SlotPredictor) -> None:
        self.predictor, self.reading = predictor, predictor.reading
        self._known: dict[int, tuple[Example, Prediction]] = {}  # by identity; the row is kept so that none is reused

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order."""
        new = [example for example in examples if id(example) not in self._known]
        for example, prediction in zip(new, self.predictor.predict(new), strict=True):
            self._known[id(example)] = (example, prediction)
        return [self._known[id(example)][1] for example in examples]

    def stream(self, example: Example) -> Iterator[Prediction]:
        """Answer at once."""
        yield from self.predict([example])


def sheet(task: Task, examples: Sequence[Example], answers: Sequence[int]) -> Sheet:
    """Return the counts of answers against right labels."""
    right = [task.labels.index(example.label or "") for example in examples]
    return Sheet(task.labels, confusion(len(task.labels), right, answers))


def row_sets(task: Task, config: RunConfig) -> tuple[list[Example], dict[str, list[Example]], list[Example]]:
    """Return the training rows, the named sets of test rows, the one that counts first, and what else was learned."""
    used = [d for d in data.used(task, config.datasets) if d.role == "train"]
    train, test = ([e for d in used for e in data.load(d, split)] for split in ("train", "test"))
    more = taught.rows(task, config)
    clean = data.without_repeats(test, [*train, *more])
    sets = {"test": clean, "test_with_repeats": test}
    if task.bare is not None:
        bare = [task.bare(example) for example in clean]
        if told := [example for example in bare if example.all_text.strip()]:
            sets["test_bare"] = told
    cited = {_passage(example) for example in (*train, *more) if example.context}
    if cited:
        sets["test_new_passages"] = [example for example in clean if _passage(example) not in cited]
    apart = [d for d in task.data if d.role != "train" and "test" in d.files]
    return train, filled(sets | {d.name: data.load(d, "test") for d in apart if data.here(d)}), more


def _passage(example: Example) -> str:
    return repeats.key(Example(text=example.context))


def evaluate(task: Task, config: RunConfig, served: SlotPredictor, keep: Path | None = None) -> Report | RankedReport:
    """Return the report of a predictor: the very `predict` that visitors get, and floors on the same test rows.

    The floors learn the training rows alone, and nothing of what else the run learned from.
    With `keep` what was said of each test row is written there, by row number, without its text.
    """
    if task.heads[0].multi:
        return evaluate_ranked(task, config, served, _split_id(task, config), with_untuned=keep is not None)
    train, sets, more = row_sets(task, config)
    predictor = Once(served)
    sheets, floors, paired = {}, {}, {}
    for name, examples in sets.items():
        fit_on = [task.bare(e) for e in train] if name == "test_bare" and task.bare else train
        answers = said(predictor, task, examples)
        floor = _floor(task, fit_on, examples)
        others = {"majority": said(majority(task, fit_on), task, examples), "tfidf": floor}
        if keep is not None and name == "test":
            others |= _untuned(task, config, train, examples, keep)
            leaked = leaks.repeated([*train, *more], examples) if len(train) + len(more) <= MOST_COMPARED else None
            rowfile.write(keep, task, examples, predictor.predict(examples), others, leaked)
        sheets[name] = sheet(task, examples, answers)
        floors[name] = {who: sheet(task, examples, theirs) for who, theirs in others.items()} | {
            f"tfidf, {what}": sheet(task, examples, _floor(task, [*map(hide, fit_on)], [*map(hide, examples)]))
            for what, hide in task.shortcuts.items()
        }
        right = np.array([task.labels.index(e.label or "") for e in examples])
        only_us, only_floor, p = statistics.mcnemar(np.array(answers) == right, np.array(floor) == right)
        paired[name] = {"against": "tfidf", "only_adapter_right": only_us, "only_floor_right": only_floor, "p": p}
    main = sets["test"]
    sheets["test_may_decline"] = sheet(task, main, said(predictor, task, main, declines=True))
    split, calibration, multi = _split_id(task, config), _calibration(predictor, main), _multi(task, predictor, main)
    within = {head.name: _within(task, head.name, main, predictor) for head in task.heads if head.multi}
    return Report(task.name, split, sheets, floors, paired, calibration, multi, task.unit, within)


def _floor(task: Task, fit_on: Sequence[Example], examples: Sequence[Example]) -> list[int]:
    return said(Tfidf(task, fit_on), task, examples)


def _untuned(
    task: Task, config: RunConfig, train: Sequence[Example], examples: Sequence[Example], keep: Path
) -> dict[str, list[int]]:
    """Return what the frozen base with a linear head says, where the base has vectors; kept beside the runs."""
    found = untuned.answers(task, config, train, examples, keep.resolve().parent.parent.parent / "cache")
    return {} if found is None else {untuned.NAME: found}


def _multi(task: Task, predictor: Once, examples: Sequence[Example]) -> dict[str, dict[str, Counts]]:
    """Return (rightly claimed, wrongly claimed, missed) of every value of every multi head, over rows that know it."""
    found = predictor.predict(examples)
    out: dict[str, dict[str, Counts]] = {}
    for head in (head for head in task.heads if head.multi):
        pairs = [
            (p.claimed, e.targets[head.name]) for p, e in zip(found, examples, strict=True) if head.name in e.targets
        ]
        out[head.name] = {
            value: (
                sum(value in said and value in true for said, true in pairs),
                sum(value in said and value not in true for said, true in pairs),
                sum(value not in said and value in true for said, true in pairs),
            )
            for value in head.values
        }
    return out


def _within(task: Task, head: str, examples: Sequence[Example], predictor: Once) -> dict[str, Sheet]:
    """Return the sheet of the label over the rows that have each value of a multi head; of no rows there is none."""
    values = dict.fromkeys(value for e in examples for value in e.targets.get(head, ()) if value != "?")
    rows = {value: [e for e in examples if value in e.targets.get(head, ())] for value in sorted(values)}
    return {value: sheet(task, found, said(predictor, task, found)) for value, found in rows.items()}


def _calibration(predictor: Once, examples: Sequence[Example]) -> dict[str, float]:
    """Return how far the shown probabilities can be believed on test rows, and what declining buys."""
    found = predictor.predict(examples)
    confidence = np.array([max(p.scores.values()) for p in found])
    likeliest = np.array(
        [max(p.scores, key=lambda label, p=p: p.scores[label]) == e.label for p, e in zip(found, examples, strict=True)]
    )
    kept = np.array([not p.abstained for p in found])
    best = np.array([p.best == e.label for p, e in zip(found, examples, strict=True)])
    return {
        "temperature": predictor.reading.temperature,
        "expected_calibration_error": statistics.calibration_error(confidence, likeliest),
        "threshold": predictor.reading.threshold,
        "answered_share": float(kept.mean()) if len(kept) else 0.0,
        "accuracy_where_answered": float(best[kept].mean()) if kept.any() else 0.0,
    }


def _split_id(task: Task, config: RunConfig) -> str:
    from training.train import rows

    return rows(task, config)[0].id


def whole(name: str, rows: int, generator: str = "", only: Sequence[str] = ()) -> int:
    """Measure what a visitor is told, search included, with the adapters in service; the report lies beside them.

    That of a generator lies in its run's folder, where it has one, else below the app's home.
    """
    from models.checker import Checker, rate
    from models.finding import Finder
    from models.live import Live
    from training import evaluate_answers, evaluate_claims

    home = Path(os.environ.get("CARETUNE_HOME", "data"))
    checker = Checker(Live(Shelf(home / "shelf")), Finder())
    path, say = SHIPPED / name / "whole.json", sys.stdout.write
    if generator:
        from training.contenders import contender

        who = contender(generator, checker.questions, home)
        run = Path(generator) if (Path(generator) / "adapter").is_dir() else None
        mine = run or home / "measured" / re.sub(r"\W+", "-", Path(generator).name)
        evaluate_answers.write_generator(mine / "medical_qa.json", checker, rate, who, rows, say)
    elif name == "health_claims":
        evaluate_claims.write(path, checker.finder, checker.verify, rows, say)
    else:
        evaluate_answers.write(path, checker, rate, rows, say, only)
    return 0


def beside(run: Run, name: str, rows: int) -> int:
    """Ask a remote model of the operator's list about a scored run's test rows; the report lies in the run's folder."""
    from models.far import asked
    from training.evaluate_remote import measure

    measure(run, asked(tasks.get(run.config.task), name), rows, sys.stderr.write)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Score a run; with --ship also put it among the adapters that come with the project."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder that training.train printed; or health_claims, medical_qa")
    parser.add_argument("--ship", action="store_true", help="copy adapter, report and card to adapters/<task>")
    parser.add_argument("--rows", type=int, default=0, help="at most so many rows: of a task as a whole, or remote")
    parser.add_argument(
        "--generator", default="", help="of medical_qa: a base, a run's folder, an adapter's, 'shelf', or an endpoint"
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="SET", help="of medical_qa: measure these, keep what the others had"
    )
    parser.add_argument("--remote", default="", metavar="NAME", help="set a listed remote model beside a scored run")
    options = parser.parse_args(argv)
    if (options.generator or options.only) and str(options.run) != "medical_qa":
        parser.error("--generator and --only are for medical_qa")
    if options.generator and options.only:
        parser.error("--only is for the table without a generator")
    try:
        if str(options.run) in WHOLE:
            return whole(str(options.run), options.rows, options.generator, options.only)
        run = Run(options.run)
        if options.remote:
            return beside(run, options.remote, options.rows)
        config = run.config
        task = tasks.get(config.task)
        report = evaluate(task, config, load(task, run.adapter), run.rows_file)
        report.write(run.report_file)
        sealed = reading.read(run.adapter, task)
        replace(sealed, headline=report.headline, version=run.id).write(run.adapter)
        run.move("finished")
        sys.stdout.write(f"{report.headline}\n")
        if isinstance(report, Report):
            sys.stdout.write(f"accuracy {report.main.accuracy:.3f}\n{report.paired['test']}\n")
        if options.ship:
            shelf = Shelf(run.folder.parent.parent / "shelf")
            sys.stdout.write(f"{ship(run, shelf, card(task, run, report), sys.stdout.write)}\n")
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
