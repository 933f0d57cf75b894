"""The app as a process of its own on a free port, for benchmarks that ask it what visitors ask."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradio_client import Client

REVIEW = (
    "I took this for my migraines for six months. It did bring them down from three a week to about one, but the "
    "first weeks were hard: I was drowsy all day and my mouth was dry. It is easy to take and not expensive."
)
WAIT = 120.0
"""Seconds the app may take to answer for the first time."""


@contextmanager
def running(home: Path) -> Iterator[str]:
    """Start the app with its things in `home`, yield its address, and end it."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + WAIT
    env = os.environ | {"CARETUNE_HOME": str(home), "GRADIO_SERVER_PORT": str(port)}
    app = subprocess.Popen([sys.executable, "app.py"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{url}/config", timeout=5)
                break
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.25)
        yield url
    finally:
        app.terminate()
        app.wait(20)


def waits(client: Client, n: int) -> list[float]:
    """Return the seconds each of n calls of `/sentiment` took."""
    out = []
    for _ in range(n):
        begin = time.perf_counter()
        client.predict(REVIEW, api_name="/sentiment")
        out.append(time.perf_counter() - begin)
    return out
