"""Who may start, stop, promote and delete runs: asked inside every handler that changes something, not only by buttons.

On a Space: the owner and those named in CARETUNE_TRAINERS, known by the profile that Hugging Face signed into their
session. Never by an OAuth token: a request body may carry any. Elsewhere: this machine alone (a loopback peer) and the
token of this launch, which the terminal prints and a file only the owner can read holds.
Knows nothing of runs, nor of what it is that somebody may do.
"""

import hmac
import inspect
import os
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import gradio as gr

from tabs.errors import Edge, shown
from tabs.safety import Message, Receive, Scope, Send
from tasks.spec import UserError

HEADER = "x-caretune-token"
"""The header by which a program on this machine shows the token of the launch."""


@dataclass(frozen=True)
class Gate:
    """Decides who may change something; `space` is the id of the Space the app runs on, or empty."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    space: str = ""
    trainers: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls) -> "Gate":
        """Return the gate of this process: SPACE_ID and CARETUNE_TRAINERS say which one."""
        space = os.environ.get("SPACE_ID", "")
        named = os.environ.get("CARETUNE_TRAINERS", "").split(",")
        owner = [space.split("/")[0]] if space else []
        return cls(space=space, trainers=_names([*owner, *named]))

    def admit(self, request: gr.Request | None, profile: gr.OAuthProfile | None) -> None:
        """Let a trainer pass.

        Raises:
            UserError: for anybody else, saying what they can do instead.
        """
        if self.space:
            self._admit_signed_in(profile)
        elif request is None or not _is_loopback(request):
            raise UserError("Runs are started and changed only from the machine this app runs on.")
        elif not any(hmac.compare_digest(one.encode(), self.token.encode()) for one in _tokens(request)):
            raise UserError(
                "To start or change runs, open the address with the token that the terminal printed at start. "
                f"Programs send the token as the header {HEADER}."
            )

    def _admit_signed_in(self, profile: gr.OAuthProfile | None) -> None:
        if profile is None:
            raise UserError(f"Please sign in with Hugging Face first. {self.elsewhere}")
        if profile.username.lower() not in self.trainers:
            raise UserError(f"Only the trainers of this Space may start or change runs. {self.elsewhere}")

    @property
    def elsewhere(self) -> str:
        """Return what a visitor can do instead."""
        return (
            "Runs, curves and reports are open to everyone. To train yourself, duplicate this Space: "
            f"https://huggingface.co/spaces/{self.space}?duplicate=true"
        )

    def refusal(self, request: gr.Request | None, profile: gr.OAuthProfile | None) -> str:
        """Return why this person may not change anything, or nothing where they may."""
        try:
            self.admit(request, profile)
        except UserError as error:
            return str(error)
        return ""

    def only(self, do: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a handler or endpoint, so that it refuses everybody but trainers; errors are shown as by `shown`."""
        inner = shown(do)

        def once(request: gr.Request, profile: gr.OAuthProfile | None, *values: Any, **named: Any) -> Any:
            with Edge():
                self.admit(request, profile)
            return inner(*values, **named)

        def stream(request: gr.Request, profile: gr.OAuthProfile | None, *values: Any, **named: Any) -> Any:
            with Edge():
                self.admit(request, profile)
            yield from inner(*values, **named)

        guarded = stream if inspect.isgeneratorfunction(do) else once
        # Gradio reads the types of an endpoint from its signature; the two it fills in itself stand first.
        mine = list(inspect.signature(guarded).parameters.values())[:2]
        theirs = inspect.signature(do)
        parameters = [*(p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in mine), *theirs.parameters.values()]
        guarded.__signature__ = theirs.replace(parameters=parameters)  # type: ignore[attr-defined]
        guarded.__annotations__ = {p.name: p.annotation for p in mine} | do.__annotations__
        guarded.__name__, guarded.__doc__ = do.__name__, do.__doc__
        return guarded

    def write(self, home: Path) -> Path:
        """Keep the token in a file that only the owner may read, for programs on this machine."""
        home.mkdir(parents=True, exist_ok=True)
        path = home / "token"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.token)
        return path


class Door:
    """An ASGI layer: turns the token in the address that the terminal printed into a cookie, as notebooks do."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], gate: Gate) -> None:
        self.app, self.gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the address with the right token by a cookie and the address without it; pass the rest on."""
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")) if scope["type"] == "http" else {}
        given = asked.pop("token", [""])[0]
        if (
            self.gate.space
            or scope.get("path") != "/"
            or not hmac.compare_digest(given.encode(), self.gate.token.encode())
        ):
            await self.app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        cookie = f"{_cookie(host)}={self.gate.token}; Path=/; HttpOnly; SameSite=Strict"
        rest = urlencode(asked, doseq=True)
        headers = [(b"location", f"/?{rest}".rstrip("?").encode()), (b"set-cookie", cookie.encode())]
        await send({"type": "http.response.start", "status": 303, "headers": [*headers, (b"content-length", b"0")]})
        last: Message = {"type": "http.response.body", "body": b""}
        await send(last)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in names if name.strip())


def _is_loopback(request: gr.Request) -> bool:
    try:
        return ip_address(request.client.host).is_loopback
    except (AttributeError, ValueError):  # no peer, or one that is no address
        return False


def _tokens(request: gr.Request) -> list[str]:
    """Return the tokens a request shows: in the header for programs, in the cookie for pages."""
    headers = {name.lower(): value for name, value in dict(request.headers).items()}
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(_cookie(headers.get("host", "")))
    except CookieError:
        cookie = None
    return [headers.get(HEADER, ""), cookie.value if cookie else ""]


def _cookie(host: str) -> str:
    """Return the cookie's name: cookies know no ports, and two apps may run on one machine."""
    port = host.rpartition(":")[2]
    return f"caretune-{port if port.isdigit() else 80}"
