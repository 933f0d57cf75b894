"""Only what was uploaded is read as a file: no address that a caller sends, and no file of the machine's own."""

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
import pytest
import safehttpx
from gradio import processing_utils
from gradio.mcp import GradioMCPServer
from starlette.testclient import TestClient
from test_safety import ask

from tabs import safety

ADDRESS = "https://files.invalid/10GB"
SENT = {"path": ADDRESS, "url": ADDRESS, "meta": {"_type": "gradio.FileData"}}
CALLS = {"sentiment": [SENT, "", "", "", "adapter"], "sentiment_file": [SENT, "", "", "", "adapter"]}
CALLS["ask"] = [SENT, [], "quotes"]
SAID = "Files are taken as uploads, not by their address."


@pytest.fixture
def fetched(monkeypatch, tmp_path) -> list[str]:
    """Addresses that were fetched, by a stand-in for the network; what is refused is put back afterwards."""
    asked: list[str] = []

    async def get(url: str, **_: Any) -> None:
        asked.append(url)
        raise ConnectionError

    monkeypatch.setattr(safehttpx, "get", get)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for name in ("async_ssrf_protected_get", "async_ssrf_protected_download"):
        monkeypatch.setattr(processing_utils, name, getattr(processing_utils, name))
    convert = GradioMCPServer.convert_strings_to_filedata
    monkeypatch.setattr(GradioMCPServer, convert.__name__, convert)
    return asked


def small() -> gr.Blocks:
    def read(text: str) -> str:
        return text

    with gr.Blocks() as demo:
        file, button = gr.File(), gr.Button()
        gr.api(read, api_name="text")
        button.click(str, file, None, api_name="file", queue=False)
    return demo


def called(demo: gr.Blocks, name: str) -> None:
    fn = next(n for n, fn in demo.fns.items() if fn.api_name == name)
    with ThreadPoolExecutor(1) as apart:  # a browser test before this one leaves a loop in this thread
        apart.submit(asyncio.run, demo.process_api(fn, [SENT])).result()


@pytest.mark.parametrize("name", ["file", "text"])
def test_an_address_in_place_of_a_file_or_a_text_is_refused(fetched: list[str], name: str, tmp_path) -> None:
    demo = small()
    with pytest.raises(ConnectionError):
        called(demo, name)
    assert fetched == [ADDRESS]  # what Gradio does
    safety.only_uploads()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(gr.Error, match=SAID):
        called(demo, name)
    assert fetched == [ADDRESS] and sorted(tmp_path.rglob("*")) == before


def test_the_twins_that_do_not_wait_are_refused_too(fetched: list[str], tmp_path) -> None:
    safety.only_uploads()
    for fetch in (processing_utils.save_url_to_cache, processing_utils.ssrf_protected_download):
        with pytest.raises(gr.Error, match=SAID):
            fetch(ADDRESS, str(tmp_path))
    assert fetched == []


def test_a_direct_call_over_http_is_refused(fetched: list[str]) -> None:
    from gradio.routes import App

    safety.only_uploads()
    answer = TestClient(App.create_app(small())).post("/gradio_api/run/file", json={"data": [SENT]})
    assert answer.status_code == 500 and fetched == []


@pytest.mark.parametrize("name", CALLS)
def test_the_running_app_says_how_a_file_is_sent(app, name: str) -> None:
    body = json.dumps({"data": CALLS[name]}).encode()
    answer = ask(app, "POST", f"/gradio_api/call/{name}", body, Content_Type="application/json")[2]
    event = json.loads(answer)["event_id"]
    assert SAID in ask(app, "GET", f"/gradio_api/call/{name}/{event}")[2].decode()


def test_the_queue_of_the_page_says_the_same(app) -> None:
    config = json.loads(ask(app, "GET", "/config")[2])
    fn = next(d["id"] for d in config["dependencies"] if d["api_name"] == "sentiment")
    body = json.dumps({"data": CALLS["sentiment"], "fn_index": fn, "session_hash": "by-address"}).encode()
    assert ask(app, "POST", "/gradio_api/queue/join", body, Content_Type="application/json")[0] == 200
    assert SAID in ask(app, "GET", "/gradio_api/queue/data?session_hash=by-address")[2].decode()


def by_tool(app, tool: str, **given: Any) -> Any:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> Any:
        async with (
            streamablehttp_client(f"{app.url}/gradio_api/mcp/") as (r, w, _),
            ClientSession(r, w) as session,
        ):
            await session.initialize()
            return await session.call_tool(tool, given)

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, talk()).result()


def columns(file: str) -> dict[str, str]:
    return {"file": file, "benefits": "", "side_effects": "", "comments": ""}


def test_a_tool_that_is_given_an_address_says_the_same(app) -> None:
    said = by_tool(app, "sentiment_file", **columns(ADDRESS))
    assert said.isError and SAID in said.content[0].text


def test_a_tool_copies_no_file_of_the_machine_into_the_uploads(app) -> None:
    """The key to the training side lies in a file; a message of a conversation may hold anything."""
    turn = {"role": "user", "content": "", "path": str(app.home / "token"), "meta": {"_type": "gradio.FileData"}}
    said = by_tool(app, "ask", message="Can garlic cure it?", history=[turn])
    assert said.isError and SAID in said.content[0].text
    assert not list((app.home / "uploads").rglob("token"))


def test_a_tool_takes_a_file_that_comes_with_the_call(app) -> None:
    sent = base64.b64encode(b"review\nIt helped me a lot.\nIt ruined my sleep.\n").decode()
    said = by_tool(app, "sentiment_file", **columns(f"data:text/csv;base64,{sent}"))
    assert not said.isError, said
