"""One HTTP call to an OpenAI-compatible endpoint: how it travels, and what its failures are called.

No key, no request and nothing a server wrote is in any exception raised here, nor chained to one. Knows nothing of what
is asked.
"""

import codecs
import logging
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx
from huggingface_hub import InferenceClient

MOST = 4_000_000
"""Bytes of an answer that are read."""
# It writes down an answer's headers at DEBUG, cookies and all.
logging.getLogger("httpcore").setLevel(logging.INFO)
_AGAIN = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Patience:
    """How long a call may take, in seconds, and how often it is tried.

    `read` is the longest silence between two pieces of an answer; `total` holds for all tries and the whole answer, so
    a call ends after `total` + `read` at the latest.
    """

    connect: float = 5.0
    read: float = 60.0
    total: float = 180.0
    tries: int = 4
    first_wait: float = 0.5


class Failed(Exception):
    """A call that did not come to an answer: `why` in our words, whether to try `again`, and after how long at least.

    `status` is the HTTP status, 0 where there was none. Holds nothing of the request and nothing the server wrote.
    """

    def __init__(self, why: str, *, again: bool = False, wait: float = 0.0, status: int = 0) -> None:
        super().__init__(why)
        self.why, self.again, self.wait, self.status = why, again, wait, status


def session(patience: Patience) -> httpx.Client:
    """Return what calls travel over; its redirects lead nowhere. May be used by several threads."""
    limits = httpx.Timeout(patience.read, connect=patience.connect)
    return httpx.Client(verify=_certificates(), timeout=limits, follow_redirects=False)


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # takes longer than all else that a call does here


class Line(InferenceClient):
    """One call. The client makes the request and reads the answer; how it travels is decided here.

    The client's own session follows redirects, has no deadline, and without a key sends the machine's Hugging Face
    token to whoever is asked.
    """

    def __init__(self, http: httpx.Client, base_url: str, key: str, over: Callable[[], bool]) -> None:
        """Prepare a call over `http`; `over` tells that its time is up."""
        super().__init__(base_url=base_url, api_key=key or "none")
        self._http, self._has_key, self._over = http, bool(key), over
        self._response: httpx.Response | None = None
        self.said_done = False

    def hang_up(self) -> None:
        """End the call, wherever it stands."""
        if self._response is not None:
            self._response.close()

    def _inner_post(self, request_parameters: Any, *, stream: bool = False) -> bytes | Iterable[str]:
        headers = {**request_parameters.headers, "accept-encoding": "identity"}
        if not self._has_key:
            headers.pop("authorization", None)
        request = self._http.build_request(
            "POST", request_parameters.url, json=request_parameters.json, headers=headers
        )
        response = self._response = self._sent(request)
        if response.status_code != HTTPStatus.OK:
            raise _refusal(response)
        if stream:
            return self._lines(response)
        return b"".join(self._chunks(response))

    def _sent(self, request: httpx.Request) -> httpx.Response:
        # Raised outside the handlers: what httpx raises carries the request, and that carries the key.
        try:
            return self._http.send(request, stream=True)
        except httpx.ConnectTimeout:
            failed = Failed("cannot be reached", again=True)
        except httpx.TimeoutException:
            failed = Failed("did not answer in time")
        except httpx.ConnectError:
            failed = Failed("cannot be reached", again=True)
        except httpx.HTTPError:
            failed = Failed("broke the connection off", again=True)
        raise failed

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield the bytes of an answer, no more than MOST of them and none after the deadline."""
        found, size = response.iter_bytes(), 0
        while True:
            try:
                chunk = next(found, b"")
                failed = None
            except httpx.TimeoutException:
                failed = Failed("fell silent in the middle of its answer")
            except httpx.HTTPError:
                failed = Failed("stopped before its answer was complete")
            if failed:
                raise failed
            if not chunk:
                return
            size += len(chunk)
            if size > MOST:
                raise Failed("answered without end")
            if self._over():
                raise Failed("took too long over its answer")
            yield chunk

    def _lines(self, response: httpx.Response) -> Iterator[str]:
        decoder, rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
        for chunk in self._chunks(response):
            *whole, rest = (rest + decoder.decode(chunk)).split("\n")
            for line in whole:
                done = line.removeprefix("data:").strip() == "[DONE]"
                self.said_done = self.said_done or done
                yield "data: [DONE]" if done else line


def _refusal(response: httpx.Response) -> Failed:
    """Return what a status other than 200 means, in words that quote nothing of the response."""
    status = response.status_code
    why = {
        HTTPStatus.UNAUTHORIZED: "does not accept the key it was given",
        HTTPStatus.FORBIDDEN: "does not let this key use the model",
        HTTPStatus.PAYMENT_REQUIRED: "asks for payment: the account of this key has no credit left",
        HTTPStatus.NOT_FOUND: "does not know its address or its model",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "finds this too long",
        HTTPStatus.TOO_MANY_REQUESTS: "is asked too often at the moment",
        HTTPStatus.BAD_REQUEST: "does not accept this request",
        HTTPStatus.UNPROCESSABLE_ENTITY: "does not accept this request",
    }.get(status)
    if why is None:
        kind = "has a fault of its own" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "sent no answer"
        kind = "points to another address, which is not followed" if 300 <= status < 400 else kind
        why = f"{kind} (HTTP {status})"
    return Failed(why, again=status in _AGAIN, wait=_retry_after(response), status=status)


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds a server asks to be left alone: given as such, or as a date; 0 where it says nothing."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        left = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return max(0.0, left)
