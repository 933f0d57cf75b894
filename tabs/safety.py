"""What stands between the app and the internet: headers, origins, sizes, closed routes, and what Gradio would fetch.

Covered: cross-origin calls, borrowed names, framing by strangers, bodies, routes that publish a session or that fetch.
Not covered: who may train (nothing here starts a run), and rate limits, which the Space's proxy must set.
"""

import asyncio
import logging
import os
import re
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tabs import temporary
from tabs.temporary import MIB, UPLOAD_MIB

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_BYTES = 2 * MIB
"""Largest request body that is not an upload."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
KEPT = ("runs", "shelf", "sets", "ratings", "sweeps", "token")
"""What of the app's own folder is never served as a file."""

# Routes that publish a session or a log, fetch from elsewhere, or do heavy work for anyone who asks.
CLOSED = re.compile(
    r"^(/gradio_api)?/"
    r"(deep_link|runs|monitoring|vibe\b|vibe-|custom_component|pwa_icon|process_recording|proxy=|file[=/]https?:)",
    re.IGNORECASE,
)
UPLOADS = frozenset({"/upload", "/gradio_api/upload"})
"""The only routes whose bodies may be as large as a file; an endpoint may be named upload too."""
# Routes by which files arrive: uploads, and tools of programs, whose calls may carry one.
WRITING = re.compile(r"/(upload|mcp)(/|$)")
CSP = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self' https://huggingface.co",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-src 'none'",
        "worker-src 'self' blob:",
        "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
    )
)
HEADERS = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}
_DROPPED = frozenset({b"access-control-allow-origin", b"access-control-allow-credentials"})


class _TooLarge(Exception):
    """A body went past its limit while it was read."""


class Guard:
    """The outermost ASGI layer: refuses what no page of ours sends, and adds the headers ours need."""

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], hosts: frozenset[str] = frozenset()
    ) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # A Range request makes Gradio echo the request's own headers, cookie included.
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"range"]
        if refusal := _refusal(scope, self.hosts) or await _no_room(scope):
            await _answer(send, *refusal)
            return
        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                kept = [(k, v) for k, v in message.get("headers", ()) if k.lower() not in _DROPPED | set(HEADERS)]
                message["headers"] = [*kept, *HEADERS.items()]
            await send(message)

        try:
            await self.app(scope, _limited(receive, _limit(scope["path"])), guarded_send)
        except _TooLarge:
            if not started:
                await _answer(send, 413, "This is too large to be read here.")


def own_hosts() -> frozenset[str]:
    """Return the names under which the app may be called, none where it may be under any.

    An app on a laptop is called by a name of the machine. A page of a stranger calls it by the stranger's own, made to
    point here, and its answers would then be open to that page. CARETUNE_HOSTS adds names, commas between.
    """
    server = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1").strip("[]").lower()
    shared = os.environ.get("GRADIO_SHARE", "").lower() == "true"
    if temporary.ON_SPACE or shared or server not in LOOPBACK:
        return frozenset()
    added = (_name(host.strip()) for host in os.environ.get("CARETUNE_HOSTS", "").split(","))
    return LOOPBACK | {name for name in added if name}


def _name(host: str) -> str:
    """Return a host without its port, and nothing for what is no host."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _refusal(scope: Scope, hosts: frozenset[str]) -> tuple[int, str] | None:
    headers = dict(scope["headers"])
    path = scope["path"]
    host = headers.get(b"host", b"").decode("latin-1")
    if hosts and _name(host) not in hosts:
        return 403, "The app is not known by this address; whoever runs it can add the name to CARETUNE_HOSTS."
    if CLOSED.match(path) or CLOSED.match(scope.get("raw_path", b"").decode("latin-1")):
        return 403, "This page is closed."
    origin = headers.get(b"origin", b"").decode("latin-1")
    if origin and origin.partition("://")[2] != host:
        return 403, "This request came from another site."
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > _limit(path):
        return 413, "This is too large to be read here."
    return None


async def _no_room(scope: Scope) -> tuple[int, str] | None:
    """Refuse what would put a file down before any handler of ours is asked, where there is no room for it."""
    if scope["method"] == "POST" and WRITING.search(scope["path"]) and await asyncio.to_thread(temporary.full):
        return 507, "No room for uploads just now; please try again later."
    return None


def _limit(path: str) -> int:
    return UPLOAD_MIB * MIB + MIB if path.rstrip("/") in UPLOADS else BODY_BYTES


def _limited(receive: Receive, limit: int) -> Receive:
    read = 0

    async def inner() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise _TooLarge
        return message

    return inner


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *HEADERS.items()]})
    await send({"type": "http.response.body", "body": body})


class Hush(logging.Filter):
    """Keeps what people typed out of the log: an exception is named, its message and values are not."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop the exception's text from a record; always keep the record."""
        if record.exc_info and record.exc_info[0] is not None:
            record.msg, record.args = f"{record.exc_info[0].__name__} in a handler", ()
            record.exc_info = record.exc_text = None
        return True


def hush() -> None:
    """Make this process print of an exception only its kind and its place.

    Gradio prints the traceback of every call it cannot take, and the messages in it quote the values that were sent.
    """
    for quiet in (*logging.getLogger().handlers, *map(logging.getLogger, ("uvicorn.error", "asyncio"))):
        quiet.addFilter(Hush())

    def kind_and_place(*_: Any, **__: Any) -> None:
        kind, _error, trace = sys.exc_info()
        frames = traceback.extract_tb(trace)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        sys.stderr.write(f"{kind.__name__ if kind else 'error'} at {place}\n")

    traceback.print_exc = kind_and_place  # type: ignore[assignment]


class _Bare:
    """Blocks as they are, but for their components."""

    def __init__(self, blocks: Any) -> None:
        self.blocks: dict[int, Any] = {}
        self._all = blocks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._all, name)


def forget() -> None:
    """Keep nothing of what visitors type or are answered in the memory of the server once they have their answer.

    Gradio keeps each session's components and their last values, so that a deep link can bring them back; such links
    are refused here. Those copies also cost every new visitor, and every call without a session, a megabyte and a tenth
    of a second in which nobody else is served.
    """
    from gradio.state_holder import SessionState

    begin = SessionState.__init__

    def bare(session: SessionState, blocks: Any) -> None:
        begin(session, _Bare(blocks))

    def nothing(session: SessionState, *_: Any) -> None:
        return None

    for name, does in (("__init__", bare), ("_update_config", nothing), ("_update_value_in_config", nothing)):
        setattr(SessionState, name, does)


def only_uploads() -> None:
    """Read no file for a caller but what was uploaded: none from an address, and none of this machine's own.

    Gradio fetches every address that stands where a file could, and where a text is expected too, whole and before any
    handler of ours is asked. Its tools for programs copy any file whose path a caller names into the uploads.
    """
    import gradio as gr
    from gradio import processing_utils
    from gradio.mcp import GradioMCPServer
    from gradio_client import utils

    def refuse(*_: Any) -> None:
        raise gr.Error("Files are taken as uploads, not by their address.", print_exception=False, title="Please check")

    async def refuse_soon(*_: Any, **__: Any) -> None:
        refuse()

    convert = GradioMCPServer.convert_strings_to_filedata

    def converted(server: GradioMCPServer, value: Any, positions: list[list[str | int]]) -> Any:
        utils.traverse(value, refuse, utils.is_file_obj_with_meta)
        return convert(server, value, positions)

    for name in ("async_ssrf_protected_get", "async_ssrf_protected_download"):  # all others call these
        setattr(processing_utils, name, refuse_soon)
    setattr(GradioMCPServer, convert.__name__, converted)


def launch_settings(home: Path) -> dict[str, Any]:
    """Return the arguments of `Blocks.launch` that the app is always started with; tests hold them."""
    from fastapi.middleware import Middleware

    hub = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    return {
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "max_file_size": UPLOAD_MIB * MIB,
        "state_session_capacity": 200,
        "allowed_paths": [],
        "blocked_paths": [*(str((home / name).resolve()) for name in KEPT), str(hub)],
        "favicon_path": None,
        "ssr_mode": False,
        "footer_links": ["api"],
        "app_kwargs": {
            "openapi_url": None,
            "middleware": [Middleware(Guard, hosts=own_hosts())],
        },
    }
