"""Remote models: a small server of the OpenAI kind that misbehaves on request. Nothing waits: sleeping is recorded."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from huggingface_hub import constants

from models import endpoints as listed
from models.choosing import Chooser
from models.endpoints import Endpoint, endpoint, endpoints
from models.remote import Remote
from models.wire import Patience
from tasks.spec import UserError

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


def test_an_answer_is_asked_for_as_openai_has_it(server) -> None:
    reply = remote(server, said("Fine.", finish="length")).answer(ASK, max_tokens=9, temperature=0.25)
    assert (reply.text, reply.cut, reply.prompt_tokens, reply.completion_tokens) == ("Fine.", True, 7, 2)
    ((path, headers, asked),) = server.seen
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert asked == {"model": "some-model", "messages": ASK, "temperature": 0.25, "max_tokens": 9, "stream": False}


def test_newer_models_are_told_the_length_in_their_word(server) -> None:
    remote(server, said("ok"), length="max_completion_tokens").answer(ASK, max_tokens=9)
    assert server.seen[0][2]["max_completion_tokens"] == 9
    assert "max_tokens" not in server.seen[0][2]


def test_a_stream_arrives_piece_by_piece_whatever_the_cuts(server) -> None:
    ended = streams(piece("Grüß "), ": a comment\n\n", piece("Gott"), piece("", "stop"), "data:[DONE]\n\n")
    assert list(remote(server, ended).stream(ASK)) == ["Grüß ", "Gott"]
    assert server.seen[0][2]["stream"] is True
    unnamed = streams(piece("one"), "data: [DONE]\n\n")  # an end without a reason is an end all the same
    assert list(remote(server, unnamed).stream(ASK)) == ["one"]


def test_a_stream_that_is_left_ends_the_call(server) -> None:
    asked = remote(server, streams(*[piece("word ")] * 50, piece("", "stop")))
    pieces = asked.stream(ASK)
    assert next(pieces) == "word "
    pieces.close()
    server.script[:] = [said("Fine.")]
    assert asked.answer(ASK).text == "Fine."


@pytest.mark.parametrize(
    "torn",
    [streams(piece("half "), whole=False), streams(piece("half "))],
    ids=["connection lost", "ended without an end"],
)
def test_a_truncated_stream_is_no_answer(server, torn: Do) -> None:
    pieces = remote(server, torn).stream(ASK)
    assert next(pieces) == "half "
    with pytest.raises(UserError, match="Test model stopped before its answer was complete"):
        list(pieces)


def test_a_server_that_is_busy_is_given_the_time_it_asks_for(server) -> None:
    asked = remote(server, refuses(429, retry_after="3"), refuses(503), said("Fine."))
    assert asked.answer(ASK).text == "Fine."
    assert server.slept[0] == 3
    assert 0 <= server.slept[1] <= QUICK.first_wait * 4
    assert len(server.seen) == 3


def test_a_stream_is_opened_again_after_a_fault(server) -> None:
    assert list(remote(server, refuses(500), streams(piece("Fine.", "stop"))).stream(ASK)) == ["Fine."]


def test_a_wait_beyond_the_deadline_is_told_instead_of_slept(server) -> None:
    later = formatdate(4_000_000_000, usegmt=True)  # a date, as RFC 9110 allows
    for header in ("21", later):
        with pytest.raises(UserError, match=r"asked too often at the moment\. Try again in \d+ seconds"):
            remote(server, refuses(429, retry_after=header)).answer(ASK)
        assert server.slept == []


def test_a_fault_that_stays_is_told_after_some_tries(server) -> None:
    with pytest.raises(UserError, match=r"Test model has a fault of its own \(HTTP 500\)\. Try again later\."):
        remote(server, refuses(500)).answer(ASK)
    assert len(server.seen) == QUICK.tries


@pytest.mark.parametrize("way", ["answer", "stream"])
def test_a_hung_socket_is_given_up(server, way: str) -> None:
    asked = remote(server, hangs, patience=SHORT)
    with pytest.raises(UserError, match="Test model did not answer in time"):
        list(asked.stream(ASK)) if way == "stream" else asked.answer(ASK)
    assert server.slept == []  # it may be at work on it: asking twice would cost twice


def test_a_stream_that_falls_silent_is_given_up(server) -> None:
    def act(self: Handler) -> None:
        streams(piece("one "), whole=False)(self)
        hangs(self)

    with pytest.raises(UserError, match="fell silent in the middle"):
        list(remote(server, act, patience=SHORT).stream(ASK))


def test_an_answer_that_trickles_ends_at_the_deadline(server) -> None:
    """Every read is quick; only the sum is not."""
    now = iter(range(0, 10_000, 3))
    asked = remote(server, streams(*[piece("drip ")] * 40, piece("", "stop")), patience=Patience(read=20, total=30))
    asked._clock = lambda: next(now)
    with pytest.raises(UserError, match="took too long over its answer"):
        list(asked.stream(ASK))


def test_an_answer_without_end_is_cut_off(server) -> None:
    with pytest.raises(UserError, match="answered without end"):
        remote(server, said("x" * 4_100_000)).answer(ASK)


def test_nobody_listens(server) -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{s.getsockname()[1]}/v1"
    with pytest.raises(UserError, match=r"Test model cannot be reached\. Try again later"):
        remote(server, said(""), base_url=closed).answer(ASK)


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"text"', "null", "{}", '{"choices": []}', '{"choices": [{"message": {"content": 5}}]}', "[" * 9999],
)
def test_malformed_json_is_told_in_words(server, body: str) -> None:
    with pytest.raises(UserError, match="answered in a form that cannot be read"):
        remote(server, refuses(200, body)).answer(ASK)


@pytest.mark.parametrize("line", ["data: {\n\n", "data: []\n\n", 'data: {"choices": [{"delta": {"content": 5}}]}\n\n'])
def test_malformed_json_in_a_stream_is_told_in_words(server, line: str) -> None:
    with pytest.raises(UserError, match="answered in a form that cannot be read"):
        list(remote(server, streams(piece("so "), line)).stream(ASK))


def everything_about(error: BaseException) -> str:
    """Return all that a log, a page or a debugger that prints exceptions could show."""
    told, one = "", error
    while one is not None:
        told += "".join(traceback.format_exception(one)) + repr(one) + str(one.args) + str(vars(one))
        one = one.__cause__ or one.__context__
    return told


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "act",
    [
        refuses(401, json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})),
        refuses(400, KEY),
        refuses(403, KEY, x_error_message=KEY),
        refuses(404, KEY),
        refuses(429, KEY),
        refuses(500, KEY),
        refuses(200, f'{{"{KEY}'),
        streams(piece("so "), f'data: {{"error": "{KEY}", "error_type": "generation"}}\n\n'),
        streams(piece("so "), whole=False),
        hangs,
    ],
)
def test_the_key_is_in_no_error_and_no_log(server, caplog, monkeypatch, act: Do, debug: bool) -> None:
    """Even where the server repeats it, and every library logs all it can."""
    monkeypatch.setattr(constants, "HF_DEBUG", debug)
    asked = remote(server, act, patience=SHORT if act is hangs else QUICK)
    with caplog.at_level(logging.DEBUG if debug else logging.INFO), pytest.raises(UserError) as told:
        list(asked.stream(ASK))
    assert server.seen[0][1]["authorization"].endswith(KEY)
    assert KEY not in everything_about(told.value)
    assert told.value.__context__ is None and told.value.__cause__ is None
    assert KEY not in caplog.text
    assert KEY not in repr(asked) + repr(asked.endpoint) + str(vars(asked))


def test_a_wrong_key_is_not_tried_twice(server) -> None:
    with pytest.raises(UserError, match="Test model does not accept the key it was given"):
        remote(server, refuses(401)).answer(ASK)
    assert len(server.seen) == 1


def test_a_key_no_header_can_carry_is_refused_unquoted(server, monkeypatch) -> None:
    monkeypatch.setenv("A_KEY", f"{KEY}\nX-Other: 1")
    with pytest.raises(UserError, match="holds characters that no key has") as told:
        remote(server, said("")).answer(ASK)
    assert KEY not in everything_about(told.value)
    assert server.seen == []


def test_an_endpoint_without_a_key_is_sent_none(server, monkeypatch) -> None:
    """The client would send the machine's own Hugging Face token to whoever is asked."""
    monkeypatch.setenv("HF_TOKEN", "hf_owner")
    remote(server, said("Fine."), key_env="").answer(ASK)
    assert "authorization" not in server.seen[0][1]


def test_another_address_is_not_followed(server) -> None:
    where = f"http://127.0.0.1:{server.server_port}/elsewhere"
    with pytest.raises(UserError, match="points to another address"):
        remote(server, refuses(307, location=where)).answer(ASK)
    assert [path for path, _, _ in server.seen] == ["/v1/chat/completions"]


def test_a_signed_in_visitor_pays_with_their_own_token(server, monkeypatch) -> None:
    monkeypatch.setattr(listed, "HUGGING_FACE", ("127.0.0.1",))
    asked = remote(server, said("Fine."), key_env="", sign_in=True)
    with pytest.raises(UserError, match="Please sign in with Hugging Face"):
        asked.answer(ASK)
    assert Remote(asked.endpoint, "hf_visitor").answer(ASK).text == "Fine."
    assert server.seen[-1][1]["authorization"] == "Bearer hf_visitor"


def test_what_cannot_fit_is_not_sent(server) -> None:
    with pytest.raises(UserError, match=r"too long for Test model: about 2,500 tokens .* where 1,000 can be read"):
        remote(server, said(""), context=1000).answer([{"role": "user", "content": "x" * 10_000}])
    assert server.seen == []


# Choosing among labels ------------------------------------------------------------------------------------------------

LABELS = ["negative", "neutral", "not negative"]


def test_log_probabilities_of_the_letters_are_the_shares(server) -> None:
    top = [("A", -1.0), (" A", -2.0), ("B", -3.0), ("The", -2.5), ("b", -0.1), ("C", float("-inf"))]
    top = [(t, p) for t, p in top if p > -100] + [("A: negative", -0.5)]
    chosen = Chooser(remote(server, said("A", top))).choose(ASK, LABELS)
    a, b = 2.718281828**-1 + 2.718281828**-2, 2.718281828**-3
    assert chosen.graded and chosen.label == "negative"
    assert chosen.shares == pytest.approx({"negative": a / (a + b), "neutral": b / (a + b), "not negative": 0.0})
    asked = server.seen[0][2]
    assert (asked["max_tokens"], asked["logprobs"], asked["top_logprobs"]) == (1, True, 20)
    assert asked["messages"][0]["content"].startswith("How are you?\n\nChoose one:\nA: negative\nB: neutral")


def test_an_endpoint_that_tells_fewer_probabilities_is_asked_for_fewer_from_then_on(server) -> None:
    chooser = Chooser(remote(server, refuses(422), said("B", [("B", -0.1)])))
    assert [chooser.choose(ASK, LABELS).label for _ in range(2)] == ["neutral"] * 2
    assert [asked["top_logprobs"] for _, _, asked in server.seen] == [20, 5, 5]


def test_without_probabilities_a_label_is_named_exactly(server) -> None:
    named = said('{"label": "not negative"}')
    chooser = Chooser(remote(server, refuses(400), refuses(400), refuses(400), named))
    for _ in range(2):
        chosen = chooser.choose(ASK, LABELS)
        assert (chosen.label, chosen.graded, chosen.shares["negative"]) == ("not negative", False, 0.0)
    assert ["response_format" in asked for _, _, asked in server.seen] == [False, False, True, False, False]


def test_a_model_that_would_say_something_else_is_asked_for_a_name(server) -> None:
    other = said("Well", [("Well", -0.1), ("A", -3.0)])
    chosen = Chooser(remote(server, other, said('```json\n{"label": "neutral"}\n```'))).choose(ASK, LABELS)
    assert (chosen.label, chosen.graded) == ("neutral", False)


@pytest.mark.parametrize(
    "text",
    [
        "negative",
        "The answer is negative.",
        '{"label": "Negative"}',
        '{"label": "negative "}',
        '{"label": "negative or neutral"}',
        '{"label": ["negative"]}',
        '{"label": "negative", "why": "x"}',
        'I say {"label": "negative"}',
        '{"label": "negative"} {"label": "neutral"}',
        '{"label": {"negative": 1}}',
        "",
    ],
)
def test_nothing_that_is_not_exactly_a_label_is_taken_for_one(server, text: str) -> None:
    with pytest.raises(UserError, match="Test model answered with none of the labels"):
        Chooser(remote(server, said(text))).choose(ASK, LABELS)
    assert len(server.seen) == 3  # one for letters, two for names


def test_several_labels_are_each_checked(server) -> None:
    chooser = Chooser(remote(server, said('{"labels": ["neutral", "negative"]}')))
    assert chooser.choose_several(ASK, LABELS) == ("negative", "neutral")
    assert Chooser(remote(server, said('{"labels": []}'))).choose_several(ASK, LABELS) == ()
    for text in ('{"labels": ["neutral", "bad"]}', '{"labels": "neutral"}', '{"labels": [1]}'):
        with pytest.raises(UserError, match="none of the labels"):
            Chooser(remote(server, said(text))).choose_several(ASK, LABELS)


def test_a_request_refused_for_its_length_does_not_unlearn_probabilities(server) -> None:
    chooser = Chooser(remote(server, refuses(400)))
    with pytest.raises(UserError, match="does not accept this request"):
        chooser.choose(ASK, LABELS)
    server.script[:] = [said("A", [("A", -0.1)])]
    assert chooser.choose(ASK, LABELS).graded


# The operator's list --------------------------------------------------------------------------------------------------

LIST = """
- name: Ours
  base_url: http://10.0.0.5:8000/v1
  model: mistral
- {name: GPT, base_url: https://api.openai.com/v1, model: gpt-4o-mini, key_env: OPENAI_API_KEY, context: 128000}
"""


def test_the_list_is_a_file_or_the_text_itself(tmp_path, monkeypatch) -> None:
    (tmp_path / "list.yaml").write_text(LIST)
    for setting in (LIST, str(tmp_path / "list.yaml")):
        monkeypatch.setenv("CARETUNE_ENDPOINTS", setting)
        assert list(endpoints()) == ["Ours", "GPT"]
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert [one.ready for one in endpoints().values()] == [True, False]
    with pytest.raises(UserError, match="GPT is not ready: the operator has not set OPENAI_API_KEY"):
        endpoint("GPT").key()
    monkeypatch.delenv("CARETUNE_ENDPOINTS")
    assert endpoints() == {}


def test_a_visitor_can_name_no_address_of_their_own() -> None:
    for name in ("http://169.254.169.254/v1", "https://api.openai.com/v1", "", "ours"):
        with pytest.raises(UserError, match="no such remote model here; offered: Ours, GPT"):
            endpoint(name, LIST)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"base_url": "ftp://host/v1"}, "must be https"),
        ({"base_url": "http://example.org/v1"}, "must be https"),
        ({"base_url": "http://8.8.8.8/v1"}, "must be https"),
        ({"base_url": f"https://user:{KEY}@host/v1"}, "no key in it"),
        ({"base_url": f"https://host/v1?key={KEY}"}, "no key in it"),
        ({"base_url": "https://host:port/v1"}, "no address"),
        ({"base_url": "https:///v1"}, "plain address"),
        ({"key_env": KEY}, "never the key"),
        ({"key": KEY}, "nothing else"),
        ({"context": "many"}, "must be of type int"),
        ({"context": 1}, "number of tokens"),
        ({"name": "<b>x</b>"}, "plain characters"),
        ({"model": ""}, "and a model"),
        ({"length": "n"}, "max_tokens or"),
        ({"sign_in": True}, "only goes to Hugging Face"),
        ({"sign_in": True, "base_url": "https://huggingface.co.evil.org/v1"}, "only goes to Hugging Face"),
        ({"sign_in": True, "base_url": "https://evilhuggingface.co/v1"}, "only goes to Hugging Face"),
    ],
)
def test_a_list_that_says_nothing_sensible_is_refused_unquoted(change: dict, reason: str) -> None:
    row = {"name": "One", "base_url": "https://host/v1", "model": "m", **change}
    with pytest.raises(UserError, match=reason) as told:
        endpoints(json.dumps([row]))
    assert KEY not in everything_about(told.value)


@pytest.mark.parametrize("setting", ["{", "no/such/file.yaml", "- 5", "[", "name: x\nmodel: y", f"- {KEY}: ["])
def test_a_setting_that_is_no_list_is_refused(setting: str) -> None:
    with pytest.raises(UserError, match="must name a YAML file with a list") as told:
        endpoints(setting)
    assert KEY not in str(told.value)


def test_hugging_face_may_be_given_the_visitors_token() -> None:
    for host in ("router.huggingface.co", "huggingface.co", "x.eu.endpoints.huggingface.cloud"):
        assert Endpoint("HF", f"https://{host}/v1", "m", sign_in=True).key("hf_x") == "hf_x"
