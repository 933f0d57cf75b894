"""How fast many passages are embedded in bfloat16, against float32, and how near both vectors lie, in one run.

python -m benchmarks.embedding [--passages 200]

Where the CPU does not multiply bfloat16 in hardware, says so and measures nothing: there float32 is used. The passages
are the evidence cards that come with the project, joined to about the length of an encyclopaedia's.
"""

import argparse
import statistics
import sys
import time
from unittest.mock import patch

from models import embedder
from models.arithmetic import fast_bf16
from models.knowledge.cards import passages

JOINED = 6
"""Cards in one passage: about 180 tokens."""


def main() -> None:
    """Measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not fast_bf16(cpu=True):
        sys.exit("This CPU does not multiply bfloat16 in hardware; float32 is used.")
    cards = [card.text for card in passages()]
    texts = [" ".join(cards[(i + j) % len(cards)] for j in range(JOINED)) for i in range(options.passages)]
    times: dict[str, list[float]] = {"float32": [], "bfloat16": []}
    vectors = {}
    embedder.embed(texts[:4])
    for _ in range(options.rounds):
        for name, many in (("float32", sys.maxsize), ("bfloat16", 0)):
            with patch.object(embedder, "MANY", many):
                begin = time.perf_counter()
                vectors[name] = embedder.embed(texts)
                times[name].append(time.perf_counter() - begin)
    spent = {name: statistics.median(seconds) for name, seconds in times.items()}
    print(f"bfloat16 is {spent['float32'] / spent['bfloat16']:.2f} times as fast over {len(texts)} passages")
    print(f"least cosine of a passage's two vectors {(vectors['float32'] * vectors['bfloat16']).sum(1).min():.5f}")


if __name__ == "__main__":
    main()
