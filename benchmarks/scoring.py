"""How fast a file is scored, against the plain way, on the same base, adapter and machine, in one run.

python -m benchmarks.scoring [--rows 1017] [--processes 2]

The plain way is that of the studies this project grew from: one review at a time, padded to the window, float32. Both
windows are measured, the 256 tokens the base was tuned with and the 512 it can take. With --processes the same file is
also scored by so many processes, which share the cores that one has to itself. Prints ratios; absolute times on shared
machines drift, so the ways take turns and the median of their rounds is compared.
"""

import argparse
import csv
import statistics
import tempfile
import time
from pathlib import Path

import torch

import tasks
from models.crew import Crew
from models.heads import Group
from models.loading import load
from models.predictor import SlotPredictor
from models.score import score_file
from models.shelf import Shelf
from tasks.spec import Example
from training import data


def plain(predictor: SlotPredictor, examples: list[Example], window: int) -> float:
    """Return the seconds for scoring one at a time, the three fields as one text padded to `window` tokens."""
    words = predictor.words
    begin = time.perf_counter()
    with torch.inference_mode():
        for example in examples:
            batch = words.batch([("", "", example.all_text)])
            ids = torch.zeros(1, window, dtype=torch.long)
            mask = torch.zeros(1, window, dtype=torch.long)
            kept = torch.tensor(batch.ids[0][:window])
            ids[0, : len(kept)], mask[0, : len(kept)] = kept, 1
            reader = predictor.reader
            states = reader.body(inputs_embeds=reader.embed(ids), attention_mask=mask).last_hidden_state
            reader.head([Group(states, mask)], batch.owner, batch.slot, 1)
    return time.perf_counter() - begin


def ours(predictor: SlotPredictor | Crew, examples: list[Example], folder: Path) -> float:
    """Return the seconds for `models.score` from file to file, after the models are loaded."""
    source = folder / "in.csv"
    with source.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["benefitsReview", "sideEffectsReview", "commentsReview"])
        writer.writerows([list(example.fields.values()) for example in examples])
    begin = time.perf_counter()
    *_, last = score_file(predictor, source, folder / "out.csv")
    assert last.scored == len(examples)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1017)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    task = tasks.get("drug_reviews")
    dataset = task.dataset("druglib")
    rows = data.without_repeats(data.load(dataset, "test"), data.load(dataset, "train"))[: options.rows]
    folder = Path(Shelf(Path("data/shelf")).current(task).folder)
    shared, served = load(task, folder, exact=True), load(task, folder)
    part = rows[:: max(1, len(rows) // 60)]  # the slow way is steady: sixty reviews of all lengths time it well
    times: dict[str, list[float]] = {}
    crew = Crew(task, folder, options.processes, {}) if options.processes > 1 else None
    scorers = {"models.score": served} | ({f"{options.processes} processes": crew} if crew else {})
    with tempfile.TemporaryDirectory() as temp:
        for scorer in scorers.values():
            ours(scorer, rows[:64], Path(temp))
        for _ in range(options.rounds):
            times.setdefault("plain, 512", []).append(plain(shared, part, 512) / len(part))
            times.setdefault("plain, 256", []).append(plain(shared, part, 256) / len(part))
            for name, scorer in scorers.items():
                times.setdefault(name, []).append(ours(scorer, rows, Path(temp)) / len(rows))
    if crew:
        crew.__exit__()
    rate = {name: 1 / statistics.median(values) for name, values in times.items()}
    for name, value in rate.items():
        print(f"{name:14} {value:7.1f} reviews/s   models.score is {rate['models.score'] / value:5.2f} times as fast")


if __name__ == "__main__":
    main()
