"""How long after `python app.py` the first page is served, against a bare Gradio page, in one run.

python -m benchmarks.startup [--rounds 5]
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

BARE = (
    "import gradio as gr\n"
    "with gr.Blocks(analytics_enabled=False) as demo: gr.Textbox()\n"
    "demo.launch(enable_monitoring=False)"
)


def first_page(command: list[str], home: str) -> float:
    """Return the seconds from the start of a process to the first page it serves."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = os.environ | {"CARETUNE_HOME": home, "GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
                return time.perf_counter() - begin
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    """Measure in turns and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(rounds):
            bare.append(first_page([sys.executable, "-c", BARE], home))
            ours.append(first_page([sys.executable, "app.py"], home))
    a, b = statistics.median(bare), statistics.median(ours)
    print(f"bare Gradio {a:.2f} s, app {b:.2f} s: {b - a:+.2f} s, {b / a:.2f} times")


if __name__ == "__main__":
    main()
