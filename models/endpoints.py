"""Which remote models an operator offers, read from CARETUNE_ENDPOINTS: a YAML file, or the YAML itself.

    - name: Mistral at our hospital
      base_url: http://10.0.0.5:8000/v1
      model: mistralai/Mistral-7B-Instruct-v0.3
      key_env: VLLM_KEY
      context: 32768
      cost: free, our own machine

A visitor names one of the list and can name nothing else, so that nobody makes this server call an address of theirs.
No key stands in the list, only the name of the environment variable that holds it. Knows nothing of HTTP.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tasks.spec import UserError

SETTING = "CARETUNE_ENDPOINTS"
HUGGING_FACE = ("huggingface.co", "endpoints.huggingface.cloud")
"""Where a signed-in person's own token may go: these hosts and those below them, never an operator's machine."""

_NAME = re.compile(r"[\w .()/-]{1,60}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_KEY = re.compile(r"[\x21-\x7e]{1,4096}")  # what an HTTP header can carry; anything else would be quoted in an error


@dataclass(frozen=True)
class Endpoint:
    """One remote model behind an OpenAI-compatible address.

    `key_env` names the environment variable with the key; with `sign_in` the visitor's own Hugging Face token is the
    key instead, and they pay. `context` is in tokens, `cost` is said before use, `length` names the request's field for
    the longest answer (newer OpenAI models want max_completion_tokens).
    """

    name: str
    base_url: str
    model: str
    key_env: str = ""
    sign_in: bool = False
    context: int = 8192
    cost: str = ""
    length: str = "max_tokens"

    def __post_init__(self) -> None:
        for f in fields(self):
            if type(getattr(self, f.name)) is not f.type:
                raise UserError(f"Endpoint setting {f.name!r} must be of type {f.type.__name__}.")  # type: ignore[union-attr]
        if not _NAME.fullmatch(self.name) or not self.model:
            raise UserError("Every endpoint needs a name of at most 60 plain characters, and a model.")
        if self.key_env and not _VARIABLE.fullmatch(self.key_env):  # never quoted: it may be the key itself
            raise UserError(f"{self.name}: key_env is the name of an environment variable, never the key.")
        if not 256 <= self.context <= 10_000_000:
            raise UserError(f"{self.name}: context is a number of tokens, from 256 up.")
        if self.length not in ("max_tokens", "max_completion_tokens"):
            raise UserError(f"{self.name}: length is max_tokens or max_completion_tokens.")
        self._check_address()

    def _check_address(self) -> None:
        try:
            parts = urlsplit(self.base_url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise UserError(f"{self.name}: base_url is no address.") from None
        if parts.username or parts.password or parts.query or parts.fragment or not host:
            raise UserError(f"{self.name}: base_url is a plain address such as https://host/v1, with no key in it.")
        if parts.scheme != "https" and not (parts.scheme == "http" and _near(host)):
            raise UserError(
                f"{self.name}: base_url must be https; http only goes to this machine or the local network."
            )
        if self.sign_in and (self.key_env or not any(host == h or host.endswith(f".{h}") for h in HUGGING_FACE)):
            raise UserError(f"{self.name}: sign_in takes no key_env, and only goes to Hugging Face.")

    @property
    def ready(self) -> bool:
        """Whether the operator has set the key it needs."""
        return not self.key_env or bool(os.environ.get(self.key_env))

    def key(self, token: str | None = None) -> str:
        """Return what is sent as the key; empty where none is needed. `token` is the signed-in visitor's own.

        Raises:
            UserError: if it is missing, or nothing that a header can carry.
        """
        if self.sign_in and not token:
            raise UserError(f"Please sign in with Hugging Face to use {self.name}; it is billed to your account.")
        if not self.ready:
            raise UserError(f"{self.name} is not ready: the operator has not set {self.key_env}.")
        key = (token or "") if self.sign_in else os.environ.get(self.key_env, "").strip() if self.key_env else ""
        if key and not _KEY.fullmatch(key):
            raise UserError(f"The key for {self.name} holds characters that no key has.")
        return key


def _near(host: str) -> bool:
    """Whether a host is this machine or in the local network: a name without a dot, or a private address."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def endpoints(setting: str | None = None) -> dict[str, Endpoint]:
    """Return the offered endpoints by name, in the order of the list; `setting` is CARETUNE_ENDPOINTS unless given.

    Raises:
        UserError: if the list says nothing sensible; no value of it is quoted.
    """
    text = os.environ.get(SETTING, "") if setting is None else setting
    if not text.strip():
        return {}
    try:
        # A path has one line and begins no YAML list.
        if "\n" not in text and not text.lstrip().startswith(("[", "-")):
            text = Path(text).read_text(encoding="utf-8")
        rows = yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{SETTING} must name a YAML file with a list of endpoints, or be that list.")
    found = [_endpoint(row) for row in rows]
    if len({one.name for one in found}) < len(found):
        raise UserError(f"{SETTING} names two endpoints alike.")
    return {one.name: one for one in found}


def endpoint(name: str, setting: str | None = None) -> Endpoint:
    """Return the offered endpoint of that name; raise UserError where there is none."""
    found = endpoints(setting)
    if name not in found:
        raise UserError(f"There is no such remote model here; offered: {', '.join(found) or 'none'}.")
    return found[name]


def _endpoint(row: Mapping[Any, Any]) -> Endpoint:
    known = {f.name for f in fields(Endpoint)}
    if not {"name", "base_url", "model"} <= set(row) or not set(row) <= known:
        raise UserError(
            f"An endpoint has name, base_url, model, and may have {', '.join(sorted(known))}; nothing else."
        )
    return Endpoint(**row)
