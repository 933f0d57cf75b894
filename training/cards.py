"""The model card of a shipped adapter, written from its report: no figure on it is typed by hand.

    python -m training.cards

writes the README's table of scores anew, from the reports of all adapters that ship.
"""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tasks.spec import Kind, Task
from training import data, taught, untuned
from training.config import RunConfig
from training.ranked import RankedReport, load_report
from training.report import Report, Sheet
from training.runs import Run

_FRONT = """---
base_model: {repo}
library_name: peft
license: apache-2.0
pipeline_tag: text-classification
tags: [lora, health, not-medical-advice]
---
"""

_ROOT = Path(__file__).parent.parent
_SCORES = re.compile(r"(<!-- scores: [^\n]*\n).*?(<!-- /scores -->)", re.DOTALL)

ROWS = {
    "test": "test rows, those that repeat a training row left out",
    "test_with_repeats": "all test rows",
    "test_new_passages": "test rows whose passage no training row cites",
    "test_bare": "the same rows, comment pasted alone",
    "test_may_decline": "first set, where the app declines below its confidence threshold",
}


def card(task: Task, run: Run, report: Report | RankedReport) -> str:
    """Return the card as Markdown."""
    from models.bases import BASES, base_info

    base, facts = BASES[run.config.base], run.facts
    used = [data.named(task, name) for name in facts["datasets"]]
    parts = [
        _FRONT.format(repo=base.repo),
        f"# {task.title}: LoRA adapter on {base.name}\n",
        f"Base: {base_info(base.name)}.",
        f"Recipe: `recipe.yaml` beside this file. Run `{run.id}`, split `{report.split_id}`, {_epochs(run)}.\n",
        "## Data\n",
        *[f"* **{d.name}**: {d.license}. {d.note}" for d in used],
        f"\nTrained on {_learned(run)}; {chosen(task, run.config, facts)}.\n",
        *_word_part(run),
        *_sign_part(run),
        "## Scores\n",
        *compared(task, run.config, report),
        *untuned_told(report),
        scores_table(report),
        *(_single(report) if isinstance(report, Report) else ()),
        "## Not for\n",
        task.caution,
        f"\nThe texts are in English and {_WRITERS.get(task.kind, _OTHERS)} may be read worse. "
        "The weights are safetensors; load them through this project, which checks their sha256.\n",
    ]
    return "\n".join(parts)


def _epochs(run: Run) -> str:
    best, most = run.facts["best_epoch"], run.config.epochs
    if run.config.averaged:
        each = ", ".join(map(str, best))
        return f"the mean of the weights of {run.config.averaged} runs, best epochs {each} of at most {most}"
    return f"best epoch {best} of at most {most}"


def _word_part(run: Run) -> list[str]:
    if not run.config.word_share:
        return []
    return [
        f"Of each logit {run.config.word_share:.0%} is a linear reading of the word pieces a text holds, kept in the "
        "head's file; it learned from the validation rows too, once they had settled the rest.\n"
    ]


def _sign_part(run: Run) -> list[str]:
    if not run.config.counts:
        return []
    return [
        f"Of each log-probability {run.config.sign_share:.0%} is a linear reading of expressions that rules count in "
        "the text (`tasks/outcomes.py`), its weights kept in `reading.json`; it learned from the validation rows too, "
        "once they had settled the rest.\n"
    ]


def _learned(run: Run) -> str:
    rows, more = (f"{run.facts[name]:,}" for name in ("train_rows", "extra_rows"))
    if run.config.averaged:
        return f"{rows} rows, by each run without those it held back and with {more} of other sets"
    return f"{rows} + {more} rows"


def chosen(task: Task, config: RunConfig, facts: Mapping[str, Any]) -> str:
    """Return on which rows the epoch and all that the reading holds were chosen.

    Runs of older versions do not know how many rows other sets brought to settle the reading; the sets are named.
    """
    count = f"{facts['validation_rows']:,}"
    reading = "temperature and cuts" if task.heads[0].multi else "temperature, label offsets and threshold"
    if config.averaged:
        held, brought = f"those {count} rows, each by the run that held it back, with its near-duplicates", []
    else:
        held, brought = f"{count} validation rows cut from train by near-duplicate group", taught.brought(task, config)
    if not brought:
        return f"epoch, {reading} chosen on {held}"
    total = f", {facts['settled_rows']:,} in all" if "settled_rows" in facts else ""
    names = _listed([d.name for d in brought])
    return f"epoch chosen on {held}; {reading} on those and the validation rows of {names}{total}"


def compared(task: Task, config: RunConfig, report: Report | RankedReport) -> list[str]:
    """Return what the adapter learned from and the floors beside it did not; nothing where they learned the same."""
    cut = [d.name for d in data.used(task, config.datasets) if d.role == "train"]
    more = [name for name in taught.names(task, config) if name not in cut]
    also = [f"learned from {_listed(more)}"] if more else []
    also += [f"began with the adapter of {config.start}"] if config.start else []
    if not also or not cut:
        return []
    both = [name for name in report.sheets if name in more]
    told = f" Other rows of {_listed(both)}, measured on below, were learned from too." if both else ""
    alone = f"The floors learned the training rows of {_listed(cut)} alone"
    return [f"{alone}; the adapter also {' and '.join(also)}.{told}\n"]


def untuned_told(report: Report | RankedReport) -> list[str]:
    """Return what kind of floor the frozen base is, where it stands among them."""
    if not any(untuned.NAME in floors for floors in report.floors.values()):
        return []
    return [
        f'"{untuned.NAME}" is one class-balanced regression on {untuned.MOST:,} training rows at most, nothing of it '
        "chosen: a floor, not the best that the base can do without tuning.\n"
    ]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


_WRITERS = {
    Kind.REVIEW: "come from self-selected reviewers; other writers",
    Kind.ASPECTS: "come from self-selected reviewers; other writers",
    Kind.NOTES: "were written or translated for publication; notes in the haste of a ward",
}
_OTHERS = "come from papers and encyclopaedias; other texts"
"""Whose words a task was trained on."""


def _single(report: Report) -> list[str]:
    """Return what only a report of one label per row has to say."""
    return [_paired(report), _calibrated(report), *_values(report)]


def scores_table(report: Report | RankedReport) -> str:
    """Return accuracy and macro-F1 with n and 95 % intervals, the floors on the same rows beside them."""
    if isinstance(report, RankedReport):
        return _ranked_table(report)
    lines = ["| rows | who | n | accuracy [95 %] | macro-F1 [95 %] | F1 per label |", "|---|---|---|---|---|---|"]
    for name, sheet in report.sheets.items():
        rows = ROWS.get(name, name)
        lines.append(_row(rows, "**adapter**", sheet))
        lines += [_row(rows, floor, floored) for floor, floored in report.floors.get(name, {}).items()]
    return "\n".join(lines) + "\n"


def _ranked_table(report: RankedReport) -> str:
    """Return the measures of a task whose labels may hold together, and each label's own."""
    lines = [*_ranked_rows(report), ""]
    lines += ["| label | rows with it | precision | recall | F1 | average precision |", "|---|---|---|---|---|---|"]
    for label, own in report.main.per_label.items():
        numbers = " | ".join(f"{own[m]:.2f}" for m in ("precision", "recall", "f1", "average_precision"))
        lines.append(f"| {label} | {own['support']:,} | {numbers} |")
    return "\n".join(lines) + "\n"


def _ranked_rows(report: RankedReport) -> list[str]:
    lines = [
        "| rows | who | n | ranking precision [95 %] | macro average precision [95 %] | macro-F1 [95 %] | micro-F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, sheet in report.sheets.items():
        for who, found in {"**adapter**": sheet, **report.floors.get(name, {})}.items():
            cells = [
                f"{found.numbers[m]:.3f} [{found.intervals[m][0]:.3f}, {found.intervals[m][1]:.3f}]"
                for m in ("lrap", "macro_ap", "macro_f1")
            ]
            rows = ROWS.get(name, name)
            lines.append(f"| {rows} | {who} | {found.n:,} | {' | '.join(cells)} | {found.numbers['micro_f1']:.3f} |")
    return lines


def _row(rows: str, who: str, sheet: Sheet) -> str:
    (a, b), (c, d) = sheet.intervals["accuracy"], sheet.intervals["macro_f1"]
    each = ", ".join(
        f"{label} {numbers['f1']:.2f}" if numbers["support"] else f"{label} not measured"
        for label, numbers in sheet.per_class.items()
    )
    return (
        f"| {rows} | {who} | {sheet.n:,} | {sheet.accuracy:.3f} [{a:.3f}, {b:.3f}] "
        f"| {sheet.macro_f1:.3f} [{c:.3f}, {d:.3f}] | {each} |"
    )


def _paired(report: Report) -> str:
    found = report.paired["test"]
    better = "a difference larger than chance" if found["p"] < 0.05 else "no difference that chance would not explain"
    return (
        f"Against TF-IDF on the same rows: {found['only_adapter_right']} rows only the adapter got right, "
        f"{found['only_floor_right']} only the floor; exact McNemar p = {found['p']:.3g}: {better}.\n"
    )


def _calibrated(report: Report) -> str:
    c = report.calibration
    return (
        f"Temperature {c['temperature']:.2f}; expected calibration error {c['expected_calibration_error']:.3f} "
        f"(10 bins). Below a confidence of {c['threshold']:.2f} the app declines: it answers "
        f"{c['answered_share']:.0%} of the rows and {report.where_answered}.\n"
    )


def _values(report: Report) -> list[str]:
    """Return what is said of every multi head: how well its values are found, and the label on the rows of each."""
    found = [_multi(head, values) for head, values in report.multi.items()]
    return [*found, *(_within(head, sheets) for head, sheets in report.within.items() if sheets)]


def _within(head: str, sheets: Mapping[str, Sheet]) -> str:
    """Return how many of the rows of each label, among those that have a value, are read as that label."""
    labels = next(iter(sheets.values())).labels
    lines = [
        f"Of the rows that truly have each of the {head}, the share of every label that is read as such, were the app "
        "never to decline:\n",
        f"| {head} | " + " | ".join(f"{label} (rows)" for label in labels) + " |",
        "|---" * (len(labels) + 1) + "|",
    ]
    for value, sheet in sheets.items():
        cells = (
            f"{row['recall']:.2f} ({row['support']:,})" if row["support"] else "–" for row in sheet.per_class.values()
        )
        lines.append(f"| {value} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _multi(head: str, values: Mapping[str, tuple[int, int, int]]) -> str:
    """Return precision, recall and F1 of every value of a head whose values may hold together."""
    lines = [f"| {head} | rows with it | precision | recall | F1 |", "|---|---|---|---|---|"]
    for value, (hit, wrong, missed) in values.items():
        said, true = hit + wrong, hit + missed
        numbers = [hit / said if said else 0.0, hit / true if true else 0.0, 2 * hit / (said + true) if true else 0.0]
        lines.append(f"| {value} | {true:,} | " + " | ".join(f"{n:.2f}" for n in numbers) + " |")
    return "\n".join(lines) + "\n"


def readme_scores(shipped: Path) -> str:
    """Return the README's tables of all adapters that ship: one label per row, then several."""
    lines = ["", "| adapter | rows | who | n | accuracy [95 %] | macro-F1 [95 %] |", "|---|---|---|---|---|---|"]
    reports = [load_report(file) for file in sorted(shipped.glob("*/report.json"))]
    for report in (r for r in reports if isinstance(r, Report)):
        for name in (name for name in ("test", "test_bare") if name in report.sheets):
            for who, sheet in {"**adapter**": report.sheets[name], **report.floors[name]}.items():
                row = _row(ROWS[name], who, sheet).rsplit("|", 2)[0]
                lines.append(f"| `{report.task}` {row}|")
    for ranked in (r for r in reports if isinstance(r, RankedReport)):
        lines += ["", f"`{ranked.task}`, several labels per row:", "", *_ranked_rows(ranked)]
    return "\n".join(lines) + "\n\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the scores between the marks of a README."""
    parser = argparse.ArgumentParser(prog="python -m training.cards", description="Write the README's scores anew.")
    parser.add_argument("readme", type=Path, nargs="?", default=_ROOT / "README.md")
    parser.add_argument("--adapters", type=Path, default=_ROOT / "adapters")
    options = parser.parse_args(argv)
    text = options.readme.read_text(encoding="utf-8")
    written, found = _SCORES.subn(lambda marks: marks[1] + readme_scores(options.adapters) + marks[2], text)
    if not found:
        sys.stderr.write(f"{options.readme} has no place for scores.\n")
        return 2
    options.readme.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
