"""What stands between the app and the internet, tried on the running app."""

import asyncio
import http.client
import inspect
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from callers import caller

import app as app_module
from tabs import safety, temporary

CANARY = "zebra-canary-4711"


def ask(app, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    host = urlsplit(app.url).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info"])
def test_every_answer_carries_the_headers(app, path: str) -> None:
    status, headers, _ = ask(app, "GET", path)
    assert status == 200
    policy = headers["content-security-policy"]
    assert policy == (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "form-action 'self' https://huggingface.co; base-uri 'self'; object-src 'none'; frame-src 'none'; "
        "worker-src 'self' blob:; frame-ancestors 'self' https://huggingface.co https://*.hf.space"
    )
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://127.0.0.1:1"])
def test_a_call_from_another_site_is_refused(app, origin: str) -> None:
    body = json.dumps({"data": ["good", "", "", ""]}).encode()
    status, headers, answer = ask(
        app, "POST", "/gradio_api/call/sentiment", body, Origin=origin, Content_Type="application/json"
    )
    assert (status, answer) == (403, b"This request came from another site.")
    # Between ports of one laptop Gradio's own layer, outside ours, still adds the header to the refusal.
    assert "access-control-allow-origin" not in headers or "127.0.0.1" in origin
    assert ask(app, "GET", "/config", Origin=origin)[0] == 403


@pytest.mark.parametrize("host", ["rebound.example:{}", "127.0.0.1.nip.example", "127.0.0.1@rebound.example", "[", ""])
def test_a_name_made_to_point_here_is_refused(app, host: str) -> None:
    """Such a page is of one origin with what it calls."""
    named = host.format(urlsplit(app.url).port)
    for method, path in (("GET", "/config"), ("POST", "/gradio_api/call/sentiment")):
        status, _, answer = ask(
            app, method, path, b"" if method == "POST" else None, Host=named, Origin=f"http://{named}"
        )
        assert (status, b"CARETUNE_HOSTS" in answer) == (403, True)


@pytest.mark.parametrize("host", ["localhost:{}", "LOCALHOST", "127.0.0.1", "[::1]:{}", "[::1]"])
def test_the_names_of_the_machine_are_taken(app, host: str) -> None:
    assert ask(app, "GET", "/config", Host=host.format(urlsplit(app.url).port))[0] == 200


def test_only_an_app_that_listens_to_its_own_machine_asks_for_its_name(monkeypatch) -> None:
    for name in ("GRADIO_SERVER_NAME", "GRADIO_SHARE", "CARETUNE_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    own = safety.own_hosts()
    assert own == {"localhost", "127.0.0.1", "::1"}
    monkeypatch.setenv("CARETUNE_HOSTS", " My.Box:8080, ,care.example")
    assert safety.own_hosts() == own | {"my.box", "care.example"}
    monkeypatch.setenv("GRADIO_SHARE", "True")
    assert safety.own_hosts() == frozenset()
    monkeypatch.delenv("GRADIO_SHARE")
    for server, asks in (("0.0.0.0", False), ("192.0.2.7", False), ("localhost", True), ("[::1]", True)):
        monkeypatch.setenv("GRADIO_SERVER_NAME", server)
        assert bool(safety.own_hosts()) == asks
    monkeypatch.setattr(temporary, "ON_SPACE", True)
    assert safety.own_hosts() == frozenset()


def test_a_call_from_the_own_page_is_taken(app) -> None:
    body = json.dumps({"data": ["good", "", "", ""]}).encode()
    status, _, _ = ask(app, "POST", "/gradio_api/call/sentiment", body, Origin=app.url, Content_Type="application/json")
    assert status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/deep_link?session_hash=abc",
        "/gradio_api/runs",
        "/runs",
        "/monitoring",
        "/monitoring/summary",
        "/gradio_api/monitoring",
        "/gradio_api/custom_component/a%0aFORGED/client/component/style.css",
        "/pwa_icon/12000",
        "/gradio_api/proxy=https://example.org",
        "/gradio_api/file=https://example.org/x",
        "/gradio_api/file=http://169.254.169.254/",
    ],
)
def test_routes_that_publish_or_fetch_are_closed(app, path: str) -> None:
    assert ask(app, "GET", path)[::2] == (403, b"This page is closed.")


@pytest.mark.parametrize("path", ["file=https://a.invalid/x", "file/https://a.invalid/x", "process_recording"])
def test_routes_that_fetch_or_record_are_closed_by_the_guard(app, path: str) -> None:
    """Not by what lies behind it, which would have looked the host up or kept the recording."""
    assert ask(app, "POST", f"/gradio_api/{path}", b"")[::2] == (403, b"This page is closed.")
    assert ask(app, "GET", f"/gradio_api/{path}")[::2] == (403, b"This page is closed.")


def test_files_outside_the_uploads_are_not_served(app) -> None:
    (app.home / "runs").mkdir(exist_ok=True)
    secret = app.home / "runs" / "secret.txt"
    secret.write_text(CANARY)
    for path in (str(secret), str(Path("app.py").resolve()), "/etc/passwd", "..%2f..%2fetc%2fpasswd"):
        status, _, body = ask(app, "GET", f"/gradio_api/file={path}")
        assert status in (403, 404) and CANARY.encode() not in body and b"root:" not in body


def test_a_body_over_the_limit_is_refused_before_it_is_read(app) -> None:
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=30)
    connection.putrequest("POST", "/gradio_api/call/sentiment")
    connection.putheader("Content-Length", str(200 * 2**20))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_chunked_body_over_the_limit_is_refused_too(app) -> None:
    """No length is announced, so the bytes themselves are counted."""

    def chunks():
        for _ in range(6):
            yield b"x" * 2**19

    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=30)
    try:
        connection.request("POST", "/gradio_api/call/sentiment", chunks(), {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # the server hung up on us while we were still sending
    assert status in (400, 413)


def test_range_requests_do_not_echo_the_cookie(app) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nsome words\r\n--x--\r\n'
    sent = ask(app, "POST", "/gradio_api/upload", part, Content_Type="multipart/form-data; boundary=x")[2]
    (path,) = json.loads(sent)
    status, headers, body = ask(
        app, "GET", f"/gradio_api/file={path}", Range="bytes=0-3", Cookie="session=secret-cookie"
    )
    assert (status, body) == (200, b"some words")  # where a range is heard it is 206
    assert "secret-cookie" not in json.dumps(headers)


def test_only_the_routes_of_uploads_take_bodies_of_a_files_size() -> None:
    whole = safety.UPLOAD_MIB * safety.MIB
    for path in ("/upload", "/gradio_api/upload", "/gradio_api/upload/"):
        assert safety._limit(path) > whole
    for path in ("/gradio_api/call/upload", "/gradio_api/run/upload", "/x/upload", "/uploads", "/gradio_api/call/ask"):
        assert safety._limit(path) == safety.BODY_BYTES


def test_an_endpoint_named_upload_takes_no_body_of_a_files_size(app) -> None:
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=30)
    connection.putrequest("POST", "/gradio_api/call/upload")
    connection.putheader("Content-Length", str(safety.BODY_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_leave_for_other_sites_to_read_an_answer_is_taken_away() -> None:
    """Whatever lies behind the guard may have given it."""
    sent: list[dict] = []
    given = [(b"Access-Control-Allow-Origin", b"*"), (b"access-control-allow-credentials", b"true"), (b"x-own", b"1")]

    async def inner(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": given})

    async def send(message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/config", "headers": []}
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, safety.Guard(inner)(scope, None, send)).result()
    names = [name.lower() for name, _ in sent[0]["headers"]]
    assert b"x-own" in names and not [name for name in names if name.startswith(b"access-control")]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"data": null}', b'{"data": [1, 2, 3, 4]}', b'{"data": ["' + b"[" * 9000]
)
def test_malformed_calls_get_no_traceback(app, body: bytes) -> None:
    status, _, answer = ask(app, "POST", "/gradio_api/call/sentiment", body, Content_Type="application/json")
    assert status < 600 and b"Traceback" not in answer and b"site-packages" not in answer


def test_launch_settings_hold(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    settings = safety.launch_settings(tmp_path)
    wanted = {
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "favicon_path": None,
        "allowed_paths": [],
        "state_session_capacity": 200,
        "max_file_size": safety.UPLOAD_MIB * safety.MIB,
    }
    assert {name: settings[name] for name in wanted} == wanted
    for name in ("runs", "shelf", "sets", "ratings", "sweeps", "token"):
        assert str((tmp_path / name).resolve()) in settings["blocked_paths"]
    assert settings["app_kwargs"]["middleware"][0].kwargs == {"hosts": safety.own_hosts()}
    assert settings["app_kwargs"]["openapi_url"] is None
    import gradio as gr

    assert set(settings) <= set(inspect.signature(gr.Blocks.launch).parameters)


def session_after(text: str) -> str:
    """Return all that a session holds after a call with `text`, as text."""
    import gradio as gr
    from gradio.state_holder import SessionState

    with gr.Blocks() as demo:
        typed, said, counted = gr.Textbox(), gr.Textbox(), gr.State(0)
        gr.Button().click(lambda words, n: (gr.Textbox(words.upper()), n + 1), [typed, counted], [said, counted])
    state = SessionState(demo)
    with ThreadPoolExecutor(1) as apart:  # a browser test before this one leaves a loop in this thread
        done = apart.submit(asyncio.run, demo.process_api(0, [text, None], state=state)).result()
    assert done["data"][0]["value"] == text.upper()
    assert state[counted._id] == 1
    return repr(vars(state)).lower()


def test_a_session_keeps_nothing_of_what_was_typed_or_answered(monkeypatch) -> None:
    from gradio.state_holder import SessionState

    for name in ("__init__", "_update_config", "_update_value_in_config"):
        monkeypatch.setattr(SessionState, name, getattr(SessionState, name))  # put back afterwards
    assert "my knee hurts" in session_after("My knee hurts")  # what Gradio does
    safety.forget()
    assert "my knee hurts" not in session_after("My knee hurts")


def test_the_app_is_launched_so() -> None:
    source = inspect.getsource(app_module.main)
    assert source.index("safety.hush()") < source.index("safety.forget()") < source.index("build(HOME)")
    assert source.index("safety.only_uploads()") < source.index("demo.launch(")


def test_spaces_is_imported_before_torch_can_be() -> None:
    """On ZeroGPU `import spaces` fails once CUDA was touched."""
    source = Path("app.py").read_text()
    assert "\nimport spaces\n" in source
    assert "\nimport torch" not in source


def test_nothing_typed_is_in_the_log_or_on_disk(app) -> None:
    """A normal answer, a refusal and a forced failure, each with a marker that must be found nowhere after."""
    from gradio_client.exceptions import AppError

    client = caller(app.url)
    client.predict(f"It helped a lot. {CANARY}", api_name="/sentiment")
    for bad in (f"{CANARY} " * 3000, [CANARY], {"text": CANARY}, 7):
        with pytest.raises((AppError, ValueError)):
            client.predict(bad, api_name="/sentiment")
    body = json.dumps({"data": [CANARY], "fn_index": 0, "session_hash": "s"}).encode()
    ask(app, "POST", "/gradio_api/queue/join", body, Content_Type="application/json")
    time.sleep(1)
    assert CANARY not in app.log
    for path in app.home.rglob("*"):
        if path.is_file() and path.name != "secret.txt":
            assert CANARY.encode() not in path.read_bytes(), path
