"""A remote model chooses among labels: by probabilities where it tells them, else by an exact name."""

import pytest
from fake_server import ASK, refuses, remote, said

from models.choosing import Chooser
from tasks.spec import UserError

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
