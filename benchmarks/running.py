"""The app as a process of its own on a free port, for benchmarks that ask it what visitors ask."""

import http.client
import json
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
from typing import Any
from urllib.parse import urlsplit

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


def waits(url: str, n: int) -> list[float]:
    """Return the seconds each of n calls of `/sentiment` took.

    Asked over plain HTTP: Gradio's own client takes most of a processor core for sixteen callers, which in the world
    are on other machines.
    """
    others, out = defaults(url, "sentiment"), []
    for _ in range(n):
        begin = time.perf_counter()
        call(url, "sentiment", REVIEW, *others)
        out.append(time.perf_counter() - begin)
    return out


def defaults(url: str, name: str) -> list[Any]:
    """Return the values that the parameters of an endpoint have unless told."""
    with urllib.request.urlopen(f"{url}/gradio_api/info", timeout=WAIT) as said:
        parameters = json.load(said)["named_endpoints"][f"/{name}"]["parameters"]
    return [one["parameter_default"] for one in parameters if one["parameter_has_default"]]


def call(url: str, name: str, *data: Any) -> list[Any]:
    """Return what an endpoint answers; raise RuntimeError where it refuses."""
    at = http.client.HTTPConnection(urlsplit(url).netloc, timeout=WAIT)
    path, head = f"/gradio_api/call/{name}", {"Content-Type": "application/json"}
    at.request("POST", path, json.dumps({"data": data}), head)
    event = json.loads(at.getresponse().read())["event_id"]
    at.request("GET", f"{path}/{event}")
    said = at.getresponse().read().decode()
    at.close()
    kind, _, rest = said.rpartition("event: ")[2].partition("\ndata: ")
    if kind != "complete":
        raise RuntimeError(f"{name} answered: {said[-200:]}")
    return list(json.loads(rest))
