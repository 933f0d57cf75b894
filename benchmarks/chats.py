"""How long a chat waits for its first words, alone and as one of sixteen that ask at the same moment.

python -m benchmarks.chats [--chats 16]

Every chat asks a question of its own from chat_questions.jsonl, so that none is answered from what another asked. The
chats share the machine with the app. A chat that fails or ends without an answer or the word that there is none counts
as failed, and the command ends with an error.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from gradio_client import Client

from benchmarks.chat import QUESTIONS
from benchmarks.running import running


class Asked(NamedTuple):
    """One answered question: seconds to the first words and to the last, and in how many pieces they came."""

    first: float
    last: float
    pieces: int


def ask(client: Client, question: str, together: threading.Barrier | None = None) -> Asked | None:
    """Return how a question was answered; None where nothing came or the app refused."""
    if together:
        together.wait()
    begin, came = time.perf_counter(), []
    job = client.submit(question, [], api_name="/ask")
    for _ in job:
        came.append(time.perf_counter() - begin)
    if job.exception() or not came:
        return None
    return Asked(came[0], came[-1], len(came))


def at_once(clients: list[Client], questions: list[str]) -> list[Asked | None]:
    """Ask each client's question at the same moment."""
    together, out = threading.Barrier(len(clients)), [None] * len(clients)

    def one(at: int) -> None:
        out[at] = ask(clients[at], questions[at], together)

    threads = [threading.Thread(target=one, args=(at,)) for at in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return out


def main() -> None:
    """Start the app, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=16)
    n = parser.parse_args().chats
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    questions = [row["question"] for row in rows if row["cards"]]
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as url:
        clients = [Client(url, verbose=False) for _ in range(n)]
        for question in questions[:4]:
            ask(clients[0], question)
        alone = [ask(clients[0], question) for question in questions[4 : 4 + n]]
        crowd = at_once(clients, questions[4 + n : 4 + 2 * n])
    firsts, many = [one.first for one in alone if one], [one for one in crowd if one]
    failed = [*alone, *crowd].count(None)
    for name, waits in ((f"alone, {len(firsts)} questions", firsts), (f"{n} at once", [one.first for one in many])):
        print(f"{name}: first words after {statistics.median(waits):.2f} s (median), {max(waits):.2f} s (longest)")
    print(f"{n} at once take {max(one.last for one in many) / sum(firsts):.2f} of what they take one after the other")
    print(f"failed: {failed}")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
