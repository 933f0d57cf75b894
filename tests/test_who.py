"""Who may start and change runs: asked of requests made by hand, on a Space and off it."""

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import gradio as gr
import pytest

from tabs.who import HEADER, Door, Gate
from tasks.spec import UserError

LOCAL = Gate(token="right")
SPACE = Gate(token="right", space="Alice/caretune", trainers=frozenset({"alice", "bob"}))


def request(host: str = "127.0.0.1", **headers: str) -> SimpleNamespace:
    return SimpleNamespace(client=SimpleNamespace(host=host), headers={"host": "127.0.0.1:7860", **headers})


def profile(name: str) -> gr.OAuthProfile:
    return gr.OAuthProfile({"name": name, "preferred_username": name, "profile": "", "picture": ""})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_with_the_token_may(host: str) -> None:
    LOCAL.admit(request(host, **{HEADER: "right"}), None)
    LOCAL.admit(request(host, cookie="other=1; caretune-7860=right"), None)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (request(), "token"),
        (request(**{HEADER: "wrong"}), "token"),
        (request(**{HEADER: ""}), "token"),
        (request(cookie="caretune-7861=right"), "token"),
        (request(cookie="caretune-7860=wr\u00f6ng"), "token"),
        (request("10.0.0.7", **{HEADER: "right"}), "machine"),
        (request("not an address", **{HEADER: "right"}), "machine"),
        (SimpleNamespace(client=None, headers={HEADER: "right"}), "machine"),
        (None, "machine"),
    ],
)
def test_anybody_else_is_refused_off_a_space(asked: object, said: str) -> None:
    with pytest.raises(UserError, match=said):
        LOCAL.admit(asked, profile("alice"))


@pytest.mark.parametrize("name", ["alice", "Alice", "BOB"])
def test_owner_and_named_trainers_may_on_a_space(name: str) -> None:
    SPACE.admit(request("10.0.0.7"), profile(name))


def test_a_token_opens_nothing_on_a_space() -> None:
    with pytest.raises(UserError, match="sign in"):
        SPACE.admit(request(**{HEADER: "right"}), None)
    with pytest.raises(UserError, match=r"duplicate this Space: https://huggingface.co/spaces/Alice/caretune"):
        SPACE.admit(request(**{HEADER: "right"}), profile("mallory"))


def test_the_environment_names_the_trainers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "Alice/caretune")
    monkeypatch.setenv("CARETUNE_TRAINERS", " Bob, ,carol ")
    gate = Gate.from_environment()
    assert (gate.space, gate.trainers) == ("Alice/caretune", {"alice", "bob", "carol"})
    monkeypatch.delenv("SPACE_ID")
    monkeypatch.delenv("CARETUNE_TRAINERS")
    assert Gate.from_environment().trainers == frozenset()
    assert Gate.from_environment().token != Gate.from_environment().token


def test_a_guarded_handler_runs_for_trainers_alone_and_keeps_its_types() -> None:
    def stop(id: str, keep: bool = False) -> dict:
        """Stop a run."""
        return {"id": id, "keep": keep}

    guarded = LOCAL.only(stop)
    assert guarded(request(**{HEADER: "right"}), None, "a", True) == {"id": "a", "keep": True}
    with pytest.raises(gr.Error, match="token"):
        guarded(request(), None, "a", True)
    assert (guarded.__name__, guarded.__doc__) == ("stop", "Stop a run.")
    asked = [(name, hint) for name, _, _, hint in gr.utils.get_function_params(guarded)]
    assert asked == [("id", str), ("keep", bool)]


def test_the_token_lies_in_a_file_for_its_owner_alone(tmp_path) -> None:
    for gate in (LOCAL, Gate(token="next")):
        path = gate.write(tmp_path / "home")
        assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (gate.token, 0o600)


def knock(gate: Gate, query: str, path: str = "/") -> list[dict]:
    """Return what the door sends, or a single {"type": "passed"} where it lets the request through."""
    sent: list[dict] = []

    async def app(scope, receive, send) -> None:
        await send({"type": "passed"})

    async def send(message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": [(b"host", b"127.0.0.1:7860")]}
    # A thread of its own: browser tests of the same session leave a loop running in this one.
    with ThreadPoolExecutor(1) as alone:
        alone.submit(asyncio.run, Door(app, gate)(scope, None, send)).result()
    return sent


def test_the_printed_address_becomes_a_cookie_and_leaves_no_token_behind() -> None:
    start = knock(LOCAL, "token=right&__theme=dark")[0]
    headers = dict(start["headers"])
    assert (start["status"], headers[b"location"]) == (303, b"/?__theme=dark")
    assert headers[b"set-cookie"] == b"caretune-7860=right; Path=/; HttpOnly; SameSite=Strict"


@pytest.mark.parametrize(
    ("gate", "query", "path"),
    [(LOCAL, "", "/"), (LOCAL, "token=wrong", "/"), (LOCAL, "token=right", "/config"), (SPACE, "token=right", "/")],
)
def test_every_other_address_passes_the_door_unchanged(gate: Gate, query: str, path: str) -> None:
    assert knock(gate, query, path) == [{"type": "passed"}]
