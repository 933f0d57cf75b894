"""Shared fixtures. No network: the base comes from its package, adapters from the project, rows from the tests."""

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

import pytest

os.environ.update(HF_HUB_OFFLINE="1", GRADIO_ANALYTICS_ENABLED="False", TOKENIZERS_PARALLELISM="false")
if "PYTEST_XDIST_WORKER" in os.environ:  # two files at a time, on two cores: more threads would wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).parent.parent
# Fixtures of several files; imported by pytest once the settings above stand.
pytest_plugins = ["encyclopedia", "fake_server", "launching", "spoken_bases"]

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class App:
    """A running app: its address, its folder, and all it has said."""

    def __init__(self, url: str, home: Path, log: Path) -> None:
        self.url, self.home, self.log_file = url, home, log

    @property
    def log(self) -> str:
        return self.log_file.read_text()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def running(home: Path, **settings: str) -> Iterator[App]:
    """Start the app as `python app.py` does, in a process of its own, and end it."""
    port, log = _free_port(), home / "app.log"
    env = {k: v for k, v in os.environ.items() if k != "GRADIO_TEMP_DIR"} | settings
    env |= {"CARETUNE_HOME": str(home), "GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(960):
            assert process.poll() is None, log.read_text()
            try:
                urllib.request.urlopen(f"{url}/config", timeout=20)
                break
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.25)
        else:
            pytest.fail(f"the app did not come up: {log.read_text()}")
        yield App(url, home, log)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on an empty home."""
    with running(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; set CHROMIUM to its path")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS, timeout=180_000)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: object, app: App) -> Iterator[object]:
    """A fresh page on the app that notes its errors and every request to another host."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    # A machine that trains and tests at once is slow; a test is about what happens, not when.
    page.set_default_timeout(120_000)
    page.errors, page.strangers = [], []
    page.on("pageerror", lambda e: page.errors.append(str(e)))
    page.on(
        "request",
        lambda r: None if r.url.startswith((app.url, "data:", "blob:")) else page.strangers.append(r.url),
    )
    page.goto(app.url)
    yield page
    context.close()
