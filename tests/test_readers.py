"""Who may read a text for a tab instead of the adapter in service; tiny bases and a small server stand in."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
import torch
from fake_server import KEY, Do, hangs, refuses, remote, said
from test_generating import search
from tiny import forget, registered

import app
import tasks
from models import likelihood
from models import readers as module
from models.checker import FEWER, Checker
from models.encoder import save
from models.live import Live
from models.readers import Readers
from models.reading import Reading
from models.service import Service
from models.shelf import SHIPPED, Adapter, Shelf
from models.wire import Patience
from tabs import answerer, claims_answer, notes, sentiment
from tabs import claims as claims_tab
from tasks.evidence import Found
from tasks.note_reading import as_dict
from tasks.spec import Example, UserError
from tasks.written import HERE
from training import spoken
from training.config import RunConfig
from training.learner import fresh

REVIEW, NOTE, CLAIM = (tasks.get(name) for name in ("drug_reviews", "clinical_notes", "health_claims"))
TEXT = "It made me dizzy for a week, and my doctor did not listen."


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bases")
    for kind in ("llama", "t5"):
        registered(kind, folder)
    yield
    forget()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Hardly any waiting; a short read only where the server is meant to fall silent: a busy machine may be slow."""
    silent = "act" in request.fixturenames and request.getfixturevalue("act") is hangs
    read = 2 if silent else 15
    monkeypatch.setattr(module, "PAGE", Patience(connect=20, read=read, total=20, tries=2, first_wait=0.01))


def listed(server: object, *script: object, **more: object) -> str:
    one = remote(server, *script).endpoint
    return json.dumps([{"name": "Ours", "base_url": one.base_url, "model": "m", "key_env": "A_KEY", **more}])


class Finds:
    """Searches as `search` does, and misses nothing."""

    missing: tuple[str, ...] = ()

    def __call__(self, query: str, most: int) -> Sequence[Found]:
        return search(query, most)


def service(home: Path, setting: str = "", remotes: str = "", shelf: Shelf | None = None) -> Service:
    live = Live(shelf or Shelf(home / "shelf", SHIPPED))
    checker = Checker(live, Finds())
    return Service(live, checker, Readers(live, setting, remotes), lambda example: ())


def names(said_: str) -> Do:
    """Return an endpoint that knows no probabilities and answers with a name."""
    return lambda self: (refuses(400) if self.asked.get("logprobs") else said(said_))(self)


def end(steps: Iterator[object]) -> object:
    *_, last = steps
    return last


def test_alone_the_adapter_is_offered_and_nothing_typed_becomes_an_address(tmp_path) -> None:
    alone = Readers(Live(Shelf(tmp_path / "shelf")), "", "")
    assert [offer.key for offer in alone.offers(REVIEW)] == [HERE]
    listed = json.dumps([{"name": "Ours", "base_url": "http://10.0.0.5/v1", "model": "m", "cost": "one cent"}])
    some = Readers(Live(Shelf(tmp_path / "shelf")), "tiny-t5,tiny-llama,minilm-l6", listed)
    assert [o.key for o in some.offers(NOTE)] == [HERE, "base:tiny-t5", "base:tiny-llama", "remote:Ours"]
    assert "not measured" in some.offers(NOTE)[1].about and "Cost: one cent" in some.offers(NOTE)[3].about
    assert "Only the masked note leaves this machine" in some.offers(NOTE)[3].about
    for key in ("http://169.254.169.254/v1", "base:mistral-7b", "remote:Other", "", str(tmp_path), "adapter:x"):
        with pytest.raises(UserError, match="There is no answerer of that name; who may answer: adapter, base:tiny-t5"):
            list(some.opened(REVIEW, key))
    assert [o.key for o in Readers(Live(Shelf(tmp_path / "shelf")), "", "name: x\nmodel: y").offers(REVIEW)] == [HERE]


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_a_base_as_it_came_reads_for_every_tab(kind: str, tmp_path) -> None:
    """It says who it is and that nobody measured it; what it cannot give is said, and not made up."""
    asked, by = service(tmp_path, f"tiny-{kind}"), f"base:tiny-{kind}"
    name = f"tiny-{kind}, untuned; not measured, not calibrated"
    *told, review = asked.review(Example(text=TEXT), by)
    assert any(step.startswith(f"Reading tiny-{kind} into memory") for step in told)
    assert review.prediction.source == name and sum(review.prediction.scores.values()) == pytest.approx(1, abs=1e-4)
    assert review.intensity is None and review.clauses == () and "Strength" in review.unsaid
    assert "Strength:" not in sentiment.verdict(review) and sentiment.as_dict(review)["expected_rating"] is None
    assert "".join(word for word, _ in asked.words(Example(text=TEXT), review.prediction.best, by)).strip() == TEXT
    note = end(asked.note("Mr. John Smith has chest pain.", by))
    assert note.done and note.prediction.source == name and note.carried == {} and "as a whole" in note.unsaid
    checked = end(asked.claim("Garlic can cure high blood pressure.", by))
    assert checked.source == name and checked.graded and checked.claims[0].evidence
    found = end(asked.answer("", "Garlic helps a little.", "Whales sing in the deep sea.", by))
    assert found.source == name and len(found.sentences) == 1


def test_an_endpoint_is_asked_for_the_tone_and_no_more(tmp_path, server) -> None:
    asked = service(tmp_path, "", listed(server, said("A", [("A", -0.1), ("C", -3.0)]), cost="one cent"))
    review = end(asked.review(Example(text=f"{TEXT} The nurse was kind."), "remote:Ours"))
    assert len(server.seen) == 1 and TEXT in server.seen[0][2]["messages"][-1]["content"]
    assert review.prediction.source == "Ours, over the network; not measured; not calibrated; one cent"
    assert review.prediction.best == REVIEW.labels[0] and review.flags == ("dissatisfied",)
    assert review.intensity is review.rating is None and review.aspects == {} and review.unsaid
    assert asked.words(Example(text=TEXT), "negative", "remote:Ours") == [] and len(server.seen) == 1


def test_a_name_is_not_shown_as_a_probability(tmp_path, server) -> None:
    asked = service(tmp_path, "", listed(server, names('{"label": "negative"}')))
    review = end(asked.review(Example(text=TEXT), "remote:Ours"))
    assert review.prediction.best == "negative" and not review.prediction.graded
    assert sentiment.as_dict(review)["probabilities"] is None
    label = sentiment._drawn(review, "")[1]
    assert label.visible is False


def test_an_endpoint_is_sent_the_masked_note_alone(tmp_path, server) -> None:
    text = "Mr. John Smith (MRN 4455667), seen 12/03/2021, phone 555-123-4567, has chest pain and a fracture."
    names = list(NOTE.heads[0].values)
    asked = service(tmp_path, "", listed(server, said(json.dumps({"labels": names[:2]}))))
    first, *_, note = [step for step in asked.note(text, "remote:Ours") if not isinstance(step, str)]
    sent = json.dumps([seen for _, _, seen in server.seen])
    assert server.seen and not any(word in sent for word in ("John", "Smith", "4455667", "12/03/2021", "555-123"))
    assert "chest pain and a fracture" in sent and first.prediction is None and "Smith" not in first.masked.text
    assert set(note.said) == set(names[:2]) and not note.prediction.graded
    told = as_dict(note)
    assert {c["category"] for c in told["categories"] if c["claimed"]} == set(names[:2])
    assert {c["probability"] for c in told["categories"]} == {None} and told["unsaid"]
    assert "100%" not in notes.verdict(note)
    assert notes._drawn(NOTE, note)[1].visible is False


def test_the_evidence_is_found_here_and_an_endpoint_says_what_it_means(tmp_path, server) -> None:
    place = list(CLAIM.labels).index("refutes")
    asked = service(tmp_path, "", listed(server, said("x", [("ABC"[place], -0.01)])))
    checked = end(asked.claim("Garlic cures hypertension.", "remote:Ours"))
    assert checked.source.startswith("Ours, over the network; not measured") and checked.graded
    assert checked.verdict.label == "false" and checked.claims[0].evidence[0].sentence
    assert all("Garlic" in seen["messages"][-1]["content"] for _, _, seen in server.seen)
    assert len(server.seen) <= 2 * FEWER  # as it stands, and without its absolute words
    asked = service(tmp_path, "", listed(server, names('{"label": "refutes"}')))
    named = end(asked.claim("Garlic cures hypertension.", "remote:Ours"))
    assert named.verdict.label == "false" and not named.graded and not named.verdict.parts
    assert claims_tab.UNGRADED in claims_tab.verdict_text(named) and claims_tab.FLAG not in claims_tab.verdict_text(
        named
    )
    told = claims_tab.as_dict(named)
    assert told["trust"] is None and told["claims"][0]["trust"] is None and told["graded"] is False
    found = end(asked.answer("", "Garlic helps a little.", "Garlic cures all diseases.", "remote:Ours"))
    assert not found.graded and claims_answer._drawn(CLAIM, found)[2].value["data"][0][2] == "not said"


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (refuses(429, retry_after="30"), "Ours .* Try again in 30 seconds."),
        (refuses(500), "Ours .* Try again later."),
        (refuses(401), "Ours does not accept the key"),
        (hangs, "Ours did not answer in time"),
    ],
)
def test_what_goes_wrong_over_the_network_is_one_sentence(act, why: str, tmp_path, server) -> None:
    asked = service(tmp_path, "", listed(server, act))
    for steps in (
        asked.review(Example(text=TEXT), "remote:Ours"),
        asked.claim("Garlic cures hypertension.", "remote:Ours"),
        asked.note("chest pain", "remote:Ours"),
    ):
        with pytest.raises(UserError, match=f"^{why}") as told:
            end(steps)
        assert KEY not in str(told.value)
    assert end(asked.review(Example(text=TEXT))).intensity  # the adapter answers on


def test_nobody_listens_there_and_it_is_said_where_the_answer_would_stand(tmp_path) -> None:
    nobody = json.dumps([{"name": "Ours", "base_url": "http://127.0.0.1:9/v1", "model": "m"}])
    asked = service(tmp_path, "", nobody)
    with pytest.raises(UserError, match=r"^Ours cannot be reached\. Try again later\.$"):
        end(asked.claim("Garlic cures hypertension.", "remote:Ours"))
    first, last = list(
        answerer.drawn(lambda: asked.note("Mr. Smith has pain.", "remote:Ours"), lambda r: ("masked", 1), ("", 0))
    )
    assert first == ("masked", 1) and last[0] == r"⚠ Ours cannot be reached\. Try again later\."


def test_what_cannot_be_read_leaves_no_other_answer_standing() -> None:
    def refused() -> Iterator[str]:
        raise UserError("Please enter a *claim*.")
        yield ""

    assert list(answerer.drawn(refused, lambda found: ("old", 1), ("", 0))) == [(r"⚠ Please enter a \*claim\*\.", 0)]


def test_an_endpoint_that_asks_for_a_sign_in_is_handed_the_visitors_own(tmp_path, monkeypatch) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr("models.far.RemotePredictor.predict", lambda self, rows: [self._asked])
    monkeypatch.setattr(
        "models.remote.Remote.__init__", lambda self, one, token=None, patience=None: asked.append(token)
    )
    monkeypatch.setattr("models.far.RemotePredictor.__init__", lambda self, task, remote: None)
    theirs = {"name": "Theirs", "base_url": "https://router.huggingface.co/v1", "model": "m", "sign_in": True}
    found = Readers(Live(Shelf(tmp_path / "shelf")), "", json.dumps([theirs]))
    assert "billed to your account" in found.offers(REVIEW)[1].about
    with pytest.raises(UserError, match=r"^Please sign in with Hugging Face to use Theirs"):
        list(found.opened(REVIEW, "remote:Theirs"))
    assert asked == []
    end(found.opened(REVIEW, "remote:Theirs", "hf_visitor"))
    assert asked == ["hf_visitor"]
    token = gr.OAuthToken(token="hf_visitor", scope="", expires_at=0)
    handed: list[str | None] = []
    reading = SimpleNamespace()

    def read(example: Example, by: str, token: str | None) -> Iterator[object]:
        handed.append(token)
        yield reading

    monkeypatch.setattr(sentiment, "as_dict", lambda found: {"same": found is reading})
    assert sentiment.api(read)(TEXT, answerer="remote:Theirs", token=token) == {"same": True}
    assert handed == ["hf_visitor"]


def test_a_trained_large_base_in_service_leaves_the_embedded_adapter_to_choose(tmp_path) -> None:
    config = RunConfig(REVIEW.name, base="tiny-llama", rank=4, max_tokens=200)
    reader, words = fresh(REVIEW, config)
    with torch.no_grad():
        for name, weight in reader.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.05)
    folder = tmp_path / "adapter"
    folder.mkdir()
    save(reader.eval(), folder, REVIEW.name, config.base)
    Reading.of(REVIEW, config.base, config.max_tokens, spoken.way(words, config)).write(folder)
    shelf = Shelf(tmp_path / "shelf", SHIPPED)
    embedded = shelf.current(REVIEW)
    shelf.put(REVIEW, Adapter("run-1", str(folder), REVIEW.labels, "not measured"))
    asked = service(tmp_path, shelf=shelf)
    keys = [offer.key for offer in asked.readers.offers(REVIEW)]
    assert keys == [HERE, f"adapter:{embedded.run}", "base:tiny-llama"]
    large = end(asked.review(Example(text=TEXT)))
    assert large.prediction.source.startswith("tiny-llama + run-1") and large.intensity is None and large.clauses
    small = end(asked.review(Example(text=TEXT), keys[1]))
    assert small.prediction.source.startswith("minilm-l6 + ") and small.intensity is not None
    alone = end(service(tmp_path / "other").review(Example(text=TEXT)))
    assert small.prediction.best == alone.prediction.best
    assert asked.words(Example(text=TEXT), small.prediction.best, keys[1])
    shelf.put(REVIEW, embedded)
    assert [offer.key for offer in asked.readers.offers(REVIEW)] == [HERE, "adapter:run-1"]
    assert end(asked.review(Example(text=TEXT), "adapter:run-1")).prediction.scores == large.prediction.scores


@pytest.mark.parametrize("setting", ["", "tiny-llama"])
def test_the_choice_is_seen_only_where_there_is_one(setting: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CARETUNE_GENERATORS", setting)
    demo, _, _ = app.build(tmp_path)
    found = {c["props"].get("elem_id"): c["id"] for c in demo.config["components"]}
    for name in ("review", "reviews", "note", "notes", "claim", "answer"):
        column = demo.blocks[found[f"{name}-who"]].parent.parent  # Gradio puts a form between
        assert column.visible is bool(setting)
        assert demo.blocks[found[f"{name}-who"]].value == HERE


def test_memory_that_holds_half_of_it_is_told_with_the_answer(tmp_path, monkeypatch) -> None:
    real = likelihood.likelihoods

    def small(speaker: object, asked: list) -> object:
        if len(asked) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(speaker, asked)

    asked = service(tmp_path, "tiny-llama")
    *_, base = asked.readers.opened(REVIEW, "base:tiny-llama")
    whole = base.predict([Example(text=TEXT)] * 4)
    monkeypatch.setattr(likelihood, "likelihoods", small)
    halved = base.predict([Example(text=TEXT)] * 4)
    assert halved[0].source.endswith("not calibrated; out of memory with 4 texts at once, done with 2")
    assert halved[0].scores == pytest.approx(whole[0].scores, abs=1e-5) and "memory" not in whole[0].source
