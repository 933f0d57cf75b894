"""How `/sentiment` serves sixteen clients at once, against one, in one run of one app.

python -m benchmarks.clients [--clients 16] [--calls 12]

Every client calls again as soon as it is answered. Prints the throughput ratio and the slowest wait as a multiple of
the single client's median wait. The clients share the machine with the app.
"""

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.running import running, waits


def main() -> None:
    """Start the app, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--calls", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as url:
        waits(url, 8)
        alone = waits(url, 3 * options.calls)
        begin = time.perf_counter()
        with ThreadPoolExecutor(options.clients) as pool:
            crowd = [t for ts in pool.map(lambda _: waits(url, options.calls), range(options.clients)) for t in ts]
        spent = time.perf_counter() - begin
    single = len(alone) / sum(alone)
    many = len(crowd) / spent
    median = statistics.median(alone)
    print(f"one client        {single:6.1f} answers/s, median wait {median * 1000:.0f} ms")
    print(f"{options.clients} clients        {many:6.1f} answers/s: {many / single:.2f} times one client")
    print(f"slowest wait      {max(crowd) / median:6.2f} times the single client's median")


if __name__ == "__main__":
    main()
