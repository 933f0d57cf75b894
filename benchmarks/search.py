"""How long it takes to open an index and to answer one question from it.

python -m benchmarks.search medquad [--rounds 200]

The questions are made of the index's own titles, in four wordings, so nothing else is needed. Opening is timed without
the model that embeds questions, which every part of the app shares; each question with it.
"""

import argparse
import statistics
import time

import numpy as np

from models.knowledge import Collection

WORDINGS = (
    "What are the treatments for {}?",
    "Is {} inherited?",
    "my doctor says it could be {} and I would like to know what the first signs are",
    "{}",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    opening = []
    for _ in range(5):
        begin = time.perf_counter()
        collection = Collection.open(options.index)
        opening.append(time.perf_counter() - begin)
    size = collection.store.manifest
    print(f"{size.name}: {size.passages:,} passages in {size.pieces:,} pieces")
    print(f"opened in {1000 * statistics.median(opening):.0f} ms (median of {len(opening)})")
    rows = np.linspace(0, size.passages - 1, options.rounds).astype(np.int64)
    titles = [passage.title or passage.id for passage in collection.store.passages(rows)]
    begin = time.perf_counter()
    collection.search(titles[0])
    print(f"first question, the model read from disk: {1000 * (time.perf_counter() - begin):.0f} ms")
    taken = []
    for i, title in enumerate(titles):
        begin = time.perf_counter()
        collection.search(WORDINGS[i % len(WORDINGS)].format(title))
        taken.append(1000 * (time.perf_counter() - begin))
    low, high = np.percentile(taken, [50, 95])
    print(f"one question: {low:.0f} ms (95th percentile {high:.0f} ms), {len(taken)} asked")


if __name__ == "__main__":
    main()
