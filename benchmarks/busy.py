"""How fast `/sentiment` answers while a run trains, against the same app at rest, in one run of one app.

python -m benchmarks.busy [--calls 60]

One client calls again as soon as it is answered: first at rest, then beside a run on the reviews, then at rest again
after the run was stopped, because other work on the machine changes. Prints median and 95th percentile of each, and
the ratio of the busy 95th percentile to that of both rests together. Needs the rows of CARETUNE_DATA.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gradio_client import Client

from benchmarks.running import running, waits

RECIPE = "{task: drug_reviews, datasets: [druglib], epochs: 50, patience: 50, batch_size: 16}"
PATIENCE = 600.0
"""Seconds until the run has made its first steps, and until it has ended."""
ENDED = ("finished", "stopped", "failed", "interrupted")


def p95(seconds: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def until(ready: Callable[[dict[str, Any]], bool], ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what `ask` says once it is as wanted; raise SystemExit where it never is."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if ready(said := ask()):
            return said
        time.sleep(1)
    raise SystemExit("The run did not come as far as this benchmark needs.")


def measure(url: str, home: Path, calls: int) -> dict[str, list[float]]:
    """Return the waits at rest, beside a run, and at rest again."""
    client = Client(url, verbose=False, headers={"x-caretune-token": (home / "token").read_text()})
    waits(url, 10)
    rest = waits(url, calls)
    run = client.predict(RECIPE, "busy", "", api_name="/launch")["id"]

    def state() -> dict[str, Any]:
        return client.predict(run, 0, api_name="/run")

    try:
        told = until(lambda said: bool(said["points"]) or said["state"] in ENDED, state)
        if told["state"] in ENDED:
            raise SystemExit(f"The run ended before it could be measured beside: {told['cause']}")
        busy = waits(url, calls)
        if state()["state"] != "running":
            raise SystemExit("The run ended while it was measured beside.")
    finally:
        if state()["state"] not in ENDED:
            client.predict(run, False, api_name="/stop")
        until(lambda said: said["state"] in ENDED, state)
    return {"at rest": rest, "beside a run": busy, "at rest again": waits(url, calls)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as url:
        found = measure(url, Path(home), options.calls)
    for name, seconds in found.items():
        middle = statistics.median(seconds)
        sys.stdout.write(f"{name:14} median {middle * 1000:6.0f} ms, p95 {p95(seconds) * 1000:6.0f} ms\n")
    rest = [*found["at rest"], *found["at rest again"]]
    sys.stdout.write(f"busy p95 is {p95(found['beside a run']) / p95(rest):.2f} times that at rest\n")


if __name__ == "__main__":
    main()
