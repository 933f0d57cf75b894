"""A small server of the OpenAI kind that misbehaves on request. Nothing waits: sleeping is recorded."""

import json
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from models.endpoints import Endpoint
from models.remote import Remote
from models.wire import Patience

KEY = "sk-canary-4711"
ASK = [{"role": "user", "content": "How are you?"}]
QUICK = Patience(connect=20, read=20, total=20, first_wait=0.01)
SHORT = Patience(connect=20, read=2, total=20, first_wait=0.01)
"""For servers that fall silent; a busy machine may keep the others waiting for a while."""
Do = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Plays the next act of the script, the last one again and again."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        script = self.server.script
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers, asked))
        act = script.pop(0) if len(script) > 1 else script[0]
        act(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = True
    found.script, found.seen, found.release = [], [], threading.Event()
    thread = threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("A_KEY", KEY)
    yield found
    found.release.set()
    found.shutdown()
    found.server_close()


def remote(server: ThreadingHTTPServer, *script: Do, patience: Patience = QUICK, **settings: object) -> Remote:
    server.script[:] = script
    url = f"http://127.0.0.1:{server.server_port}/v1"
    asked = {"name": "Test model", "base_url": url, "model": "some-model", "key_env": "A_KEY", **settings}
    found = Remote(Endpoint(**asked), patience=patience, sleep=lambda seconds: server.slept.append(seconds))
    server.slept = []
    return found


def said(text: str, top: list[tuple[str, float]] | None = None, finish: str = "stop") -> Do:
    content = [{"token": "x", "logprob": 0.0, "top_logprobs": [{"token": t, "logprob": p} for t, p in top or []]}]
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    choice |= {"logprobs": {"content": content}} if top is not None else {}
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    body = json.dumps({"id": "1", "choices": [choice], "usage": usage}).encode()
    return lambda self: self.send(200, body, content_type="application/json")


def refuses(status: int, body: str = "", **headers: str) -> Do:
    return lambda self: self.send(status, body.encode(), content_type="application/json", **headers)


def piece(text: str, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    return f"data: {json.dumps({'id': '1', 'choices': [choice]}, ensure_ascii=False)}\n\n"


def streams(*lines: str, whole: bool = True) -> Do:
    def act(self: Handler) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for line in lines:
            raw = line.encode()
            for part in (raw[: len(raw) // 2], raw[len(raw) // 2 :]):  # cut anywhere, letters included
                if part:
                    self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                    self.wfile.flush()
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    return act


def hangs(self: Handler) -> None:
    self.server.release.wait(30)
    self.close_connection = True


def everything_about(error: BaseException) -> str:
    """Return all that a log, a page or a debugger that prints exceptions could show."""
    told, one = "", error
    while one is not None:
        told += "".join(traceback.format_exception(one)) + repr(one) + str(one.args) + str(vars(one))
        one = one.__cause__ or one.__context__
    return told
