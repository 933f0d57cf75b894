"""The endpoints that programs may call are these and no others, each with the parameters it promises.

Gradio names a private event after its handler; where that name is a public one's, the public one gets another.
"""

from pathlib import Path
from typing import Any

import pytest

import app

ENDPOINTS = {
    "/sentiment",
    "/sentiment_file",
    "/clinical_note",
    "/deidentify",
    "/ask",
    "/compare",
    "/check_claim",
    "/check_answer",
    "/runs",
    "/run",
    "/report",
    "/launch",
    "/stop",
    "/resume",
    "/promote",
    "/rollback",
    "/accelerator",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The app, built and not started."""
    return app.build(Path(tmp_path_factory.mktemp("home")))[0]


@pytest.fixture(scope="module")
def named(demo) -> dict[str, Any]:
    return demo.get_api_info()["named_endpoints"]


def test_the_endpoints_are_these(named) -> None:
    assert set(named) == ENDPOINTS


@pytest.mark.parametrize(
    ("endpoint", "names", "needed"),
    [
        ("/ask", ["message", "history", "answerer"], 1),
        ("/compare", ["question", "first", "second"], 3),
        ("/sentiment_file", ["file", "benefits", "side_effects", "comments", "answerer"], 1),
        ("/launch", ["recipe", "title", "token", "way"], 1),
    ],
)
def test_an_endpoint_takes_what_it_says(named, endpoint: str, names: list[str], needed: int) -> None:
    parameters = named[endpoint]["parameters"]
    assert [p["parameter_name"] for p in parameters] == names
    assert [p["parameter_has_default"] for p in parameters] == [i >= needed for i in range(len(names))]


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("/check_claim", "Check an English health claim"),
        ("/check_answer", "Check which sentences"),
        ("/ask", "question"),
    ],
)
def test_agents_read_what_an_endpoint_does(demo, endpoint: str, says: str) -> None:
    """The first line of its own description, not what its task's model was trained for."""
    (one,) = [e for e in demo.fns.values() if e.api_name == endpoint[1:]]
    assert one.api_description is None and says in one.fn.__doc__.splitlines()[0]


def test_a_beat_touches_nothing_that_is_drawn(demo) -> None:
    """The page pays for every component an event may touch, changed or not, and this one comes every two seconds."""
    parts = {part["id"]: part["type"] for part in demo.config["components"]}
    beats = [e for e in demo.config["dependencies"] if any(what == "tick" for _, what in e["targets"])]
    assert len(beats) == 1
    assert {parts[id] for id in (*beats[0]["inputs"], *beats[0]["outputs"])} == {"state"}


def test_a_change_that_several_listen_to_is_put_off_by_none(demo) -> None:
    """One put off (Gradio's default) has all of them called again: two changes in a row, and they never rest."""
    listeners: dict[tuple[int, str], list[str]] = {}
    for event in demo.config["dependencies"]:
        for target in event["targets"]:
            listeners.setdefault(tuple(target), []).append(event["trigger_mode"])
    several = [modes for (_, what), modes in listeners.items() if what == "change" and len(modes) > 1]
    assert several and not any("always_last" in modes for modes in several)
