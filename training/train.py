"""Train one run and leave all of it in the run's folder.

python -m training.train recipes/drug_reviews-minilm.yaml [--runs data/runs] [--dry-run]
"""

import argparse
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import tasks
from models import encoder
from models.bases import BASES, revision
from models.encoder import Reader, Words
from models.fetch import fetch
from models.loading import load
from models.reading import Reading
from models.serving import predictor
from tasks.spec import Example, Task, UserError
from training import checkpoint, data, estimate, machine, own, prepare, repeats, spoken, taught, team, wordpart, written
from training.config import RunConfig
from training.fitting import Log, Outside
from training.learner import fit
from training.promote import keep_probe
from training.runs import Run, RunStore
from training.scoring import score_on
from training.signpart import Part, settle
from training.warm import warmed

MOST_AT_ONCE = 256
"""Rows of a step of an earlier stage at most: as many as a recipe may ask for."""


def rows(task: Task, config: RunConfig) -> tuple[data.Split, list[Example], list[str]]:
    """Return the split, the extra training rows, and the names of the datasets used."""
    used, most, seed = data.used(task, config.datasets), config.max_rows, config.split_seed
    learned = [d for d in used if d.role == "train"]
    found = [data.load(d, "train") for d in learned if not own.is_own(d.name)]
    extra = taught.extra(task, config)
    split = data.Split((), (), "")
    if kept := data.some(found, most, seed):
        split = data.cut(kept, config.validation_share, seed, place=config.fold)
    if config.averaged:  # the runs it is the mean of held back every row once
        split = data.Split((*split.train, *split.validation), (), split.id)
    for d in learned:
        if own.is_own(d.name):  # cut already, when they were made ready
            train, held_out = data.some([data.load(d, "train")], most, seed), data.load(d, "validation")
            split = data.Split((*split.train, *train), (*split.validation, *held_out), split.id + d.name[4:20])
    if len(learned) > 1 and not config.averaged:  # sets that were cut apart may share rows
        judging = {repeats.key(example) for example in split.validation}
        split = replace(split, train=tuple(row for row in split.train if repeats.key(row) not in judging))
    held = {data.asked(example) for example in split.validation}
    extra = [example for example in extra if data.asked(example) not in held]
    return split, extra, [d.name for d in used]


def settled_on(task: Task, config: RunConfig, split: data.Split) -> list[Example]:
    """Return the rows that calibration is done on: those cut from train, and the validation rows other sets bring."""
    return [*split.validation, *(e for d in taught.brought(task, config) for e in data.load(d, "validation"))]


def outside(run: Run, stage: str) -> Outside:
    """Return what a fit of this run has to do with the world; of several processes only the main one speaks."""
    if not team.main():
        return Outside(folder=run.checkpoints / stage, tokens=tokens(run))
    return Outside(run.log, run.alert, run.asked, run.checkpoints / stage, tokens(run))


def tokens(run: Run) -> Path:
    """Return where a run's token ids are kept: beside all runs, so that the next run finds them.

    They are as good as the text: those of somebody's own rows, or of credentialed ones, lie in the run and go with it.
    """
    task, asked = tasks.get(run.config.task), run.config
    private = any(own.is_own(d.name) or d.credentialed for d in data.used(task, asked.datasets))
    return (run.folder if private else run.folder.parent.parent) / "tokens"


def earlier(task: Task, config: RunConfig, run: Run, held: Collection[str] = ()) -> Reader | None:
    """Return what another task's adapter and the stages before the last teach, each going on from the one before it.

    None where nothing comes first. `held` is what the rows kept to validate on ask, which no stage may learn from.
    Nothing is chosen on those sets but where to stop: at the end.

    A run that has come further holds in its checkpoint all that was learned here.
    """
    if checkpoint.newest(run.checkpoints / "main"):
        return None
    reader = warmed(task, config) if config.start else None
    if not config.stages:
        return reader
    size = min(MOST_AT_ONCE, 4 * config.batch_size)
    alone = replace(config, epochs=config.first_epochs, batch_size=size, teacher=0.0)
    for n, stage in enumerate(config.staged, 1):
        _at_stage(run, n)
        rows = [example for example in taught.staged(task, stage) if data.asked(example) not in held]
        told = outside(run, "first" if n == 1 else f"stage-{n}")
        told = replace(told, log=partial(_log_stage, told.log, n))
        reader = fit(task, alone, rows, None, told, reader).reader
    _at_stage(run, len(config.stages) + 1)
    return reader


def _at_stage(run: Run, n: int) -> None:
    if team.main():
        run.log({"step": 0, "stage": n, "stages": len(run.config.stages) + 1})


def _log_stage(log: Log, n: int, point: Mapping[str, float]) -> None:
    """Log what a stage before the last measured: its steps are counted anew, so its loss has a name of its own."""
    kept = {name: point[name] for name in ("step", "steps", "samples_per_second", "memory_mb") if name in point}
    log(kept | ({f"stage_{n}_loss": point["loss"]} if "loss" in point else {}))


def train(run: Run) -> None:
    """Fit, choose, calibrate and save; the run's folder tells the rest, and what it took beside what was foretold."""
    machine.check(run.config)
    if run.config.averaged:
        raise UserError(
            "This recipe is the mean of several runs: train each fold of it, then python -m training.average."
        )
    taught.check(tasks.get(run.config.task), run.config)
    if not team.main():  # of several processes the main one does all that is not learning
        _train(run)
        return
    with estimate.watched(run):
        _train(run)


def _asked(task: Task, config: RunConfig) -> tuple[Any, Reading]:
    """Return what feeds a run's reader, and how its answers are read before they are calibrated."""
    if not BASES[config.base].spoken:
        return Words(encoder.locate(config.base), config.max_tokens), Reading.of(task, config.base, config.max_tokens)
    words = spoken.prompter(task, config)
    return words, Reading.of(task, config.base, config.max_tokens, spoken.way(words, config))


def bring(name: str) -> None:
    """Bring a base's files here, telling the log how far that is; raise UserError where they cannot be had."""
    base = BASES[name]
    if base.folder is None and not base.package and team.main():
        fetch(base, _tell)


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _train(run: Run) -> None:
    config = run.config
    task = tasks.get(config.task)
    bring(config.base)
    split, extra, names = rows(task, config)
    words, reading = _asked(task, config)
    score = score_on(task, reading, words, split.validation)
    extra, held, left_out = written.parted(words, extra, config.validation_share)
    if left_out:
        run.alert(f"{left_out:,} rows left out: their question and answer are longer than max_tokens.")
    score = written.judged(score, words, held)
    if BASES[config.base].spoken:
        spoken.check(words, [*split.train, *extra, *split.validation, *data.judged(task, config.datasets)])
    before = earlier(task, config, run, {data.asked(row) for row in (*split.validation, *held)})
    prepared = prepare.prepare(task, split.train, config.prepare, config.split_seed)
    learned = fit(task, config, [*prepared.rows, *extra], score, outside(run, "main"), before)
    wordpart.add(task, config, words, learned.reader.head, prepared.rows)
    settled = settled_on(task, config, split)
    read = predictor(task, reading, words, learned.reader).logits
    together = read(settled) if team.split() else None  # what is split can only be read by all of them
    team.part()
    if not team.main():
        return
    logits = read(settled) if together is None else together
    run.adapter.mkdir(exist_ok=True)
    fitted = settle(task, config, reading, [Part(logits, settled, prepared.rows)])
    # Settled by a word part that had not seen these rows; the one that is served has, as any floor beside it has.
    wordpart.add(task, config, words, learned.reader.head, [*prepared.rows, *split.validation])
    encoder.save(learned.reader, run.adapter, task.name, BASES[config.base].repo)
    fitted.write(run.adapter)
    run.note(
        {
            "datasets": names,
            "base_revision": revision(config.base),
            "credentialed": any(data.named(task, name).credentialed for name in names),
            "split_id": split.id,
            "train_rows": len(prepared.rows),
            "preparation": prepared.as_dict(),
            "extra_rows": len(extra),
            "written_rows": {"too_long": left_out, "validation": len(held)},
            "validation_rows": len(split.validation),
            "settled_rows": len(settled),
            "best_epoch": learned.best_epoch,
            "best_validation": learned.best,
            "steps": learned.steps,
            "planned_steps": learned.planned,
        }
    )
    keep_probe(run, load(task, run.adapter, exact=True).logits(task.samples))


def _recipe(options: argparse.Namespace) -> RunConfig:
    return RunConfig.load(options.file) if options.file else RunConfig.parse(options.recipe)


def _dry_run(options: argparse.Namespace) -> int:
    from training.dryrun import told

    try:
        sys.stdout.write(told(_recipe(options), options.runs.parent))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Train; where that fails, say so in the run's folder and fail aloud."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__.splitlines()[0])
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("file", type=Path, nargs="?", help="a YAML recipe")
    given.add_argument("--recipe", default="", help="a recipe's text instead of a file")
    parser.add_argument("--runs", type=Path, default=Path(os.environ.get("CARETUNE_HOME", "data")) / "runs")
    parser.add_argument("--dry-run", action="store_true", help="say what it would do, without weights, and end")
    options = parser.parse_args(argv)
    if options.dry_run:
        return _dry_run(options)
    team.meet()
    if not team.main():
        train(team.agree(Run(options.runs)))  # the run is the one that the main process opens
        return 0
    try:
        run = RunStore(options.runs).create(_recipe(options))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{run.folder}\n")
    sys.stdout.flush()
    team.agree(run)
    with run.told():
        run.move("running")
        train(run)
        run.move("finished", cause="Trained; not scored yet.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
