"""Remote models: what is asked, what comes back, and every way in which it does not."""

import json
import logging
import socket
from email.utils import formatdate

import pytest
from fake_server import (
    ASK,
    KEY,
    QUICK,
    SHORT,
    Do,
    Handler,
    everything_about,
    hangs,
    piece,
    refuses,
    remote,
    said,
    streams,
)
from huggingface_hub import constants

from models import endpoints as listed
from models.remote import Remote
from models.wire import Patience
from tasks.spec import UserError


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
