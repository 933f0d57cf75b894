"""Labels are read from how likely their words are: exactly, whatever is shared, batched or cut short."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny import CAUSAL, forget, registered

import tasks
from models import weights
from models.bases import Base
from models.likelihood import Likelihood, Question, likelihoods
from models.prompts import BLANKS, Prompter, parts_of, prompt_of
from models.reading import Reading
from models.speaker import Speaker
from tasks.spec import PAIR, Example, Prompt, Turn, UserError

REVIEWS, ASPECTS, CLAIMS = (tasks.get(name) for name in ("drug_reviews", "review_aspects", "health_claims"))
ROWS = [
    *REVIEWS.samples,
    Example(text="ok"),
    Example(text="the tablet is white and round " * 80),
    Example(fields={"benefits": "none", "comments": "never again"}),
]
KINDS = (*CAUSAL, "t5")


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Base]]:
    folder = tmp_path_factory.mktemp("bases")
    yield {kind: registered(kind, folder) for kind in KINDS}
    forget()


def asked(base: Base, task=REVIEWS, max_tokens: int = 160) -> Likelihood:
    words = Prompter(base.folder, base.family, task, max_tokens)
    model = weights.pool().get(base.folder, lambda: weights.open_base(base.name))
    reader = Speaker(model, base.family, words.pad).eval()
    return Likelihood(task, Reading.of(task, base.name, max_tokens, words.way), words, reader, "test")


def plainly(one: Likelihood, prompt: list[int], answer: list[int]) -> float:
    """The mean log-likelihood of an answer, one sequence at a time, nothing shared and nothing padded."""
    model = one.reader.body
    with torch.inference_mode():
        if one.reader.family == "seq2seq":
            said = torch.tensor([[model.config.decoder_start_token_id, *answer[:-1]]])
            log = model(input_ids=torch.tensor([prompt]), decoder_input_ids=said).logits[0].log_softmax(-1)
            return float(np.mean([log[i, token] for i, token in enumerate(answer)]))
        log = model(input_ids=torch.tensor([[*prompt, *answer]])).logits[0].log_softmax(-1)
        return float(np.mean([log[len(prompt) - 1 + i, token] for i, token in enumerate(answer)]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("task", [REVIEWS, ASPECTS], ids=lambda task: task.name)
def test_what_is_shared_and_batched_is_what_is_computed_plainly(bases, kind: str, task) -> None:
    """Against one sequence at a time; rows of unlike length in one batch; answers of one and of several tokens."""
    one = asked(bases[kind], task)
    found = one.scored([one._asked(example) for example in ROWS[:4]])
    for example, scores in zip(ROWS[:4], found, strict=True):
        for question, own in list(zip(one._asked(example), scores, strict=True))[:: 1 if task is REVIEWS else 4]:
            expected = [plainly(one, list(question.prompt), list(answer)) for answer in question.answers]
            assert own == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("kind", ["mistral", "t5"])
def test_an_answer_does_not_depend_on_its_company(bases, kind: str) -> None:
    one = asked(bases[kind])
    together = one.logits(ROWS)
    np.testing.assert_allclose(together, np.concatenate([one.logits([row]) for row in ROWS]), atol=1e-4)
    np.testing.assert_allclose(together[::-1], one.logits(ROWS[::-1]), atol=1e-4)
    assert np.abs(together[0] - together[3]).max() > 1e-4


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_eighteen_labels_cost_little_more_than_one(bases, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt is read once for all labels: counted in tokens that go through a word table."""
    one = asked(bases[kind], max_tokens=400)
    prompt = one.words.ids(ROWS[4], "Which?")
    labels = [one.words.answer(word) for word in "abcdefghijklmnopqr"]
    read: list[int] = []
    real, size = torch.nn.Embedding.forward, one.reader.body.config.vocab_size

    def counted(self: torch.nn.Embedding, ids: torch.Tensor) -> torch.Tensor:
        read.append(ids.numel() if self.num_embeddings == size else 0)
        return real(self, ids)

    monkeypatch.setattr(torch.nn.Embedding, "forward", counted)
    cost = []
    for answers in (labels[:1], labels):
        read.clear()
        with torch.inference_mode():
            (found,) = likelihoods(one.reader, [[Question(prompt, answers)]])
        assert len(found[0]) == len(answers)
        cost.append(sum(read))
    assert cost[0] >= len(prompt)
    assert cost[1] < 1.1 * cost[0]


def test_a_models_habit_is_taken_off(bases) -> None:
    """What a model says to a text that says nothing counts for no label."""
    one = asked(bases["llama"])
    blank = replace(one.words.task.samples[0], text=BLANKS[0])
    one._prior = [np.zeros(3)]
    raw = one.reading.label_scores(one.logits([blank]))
    one._prior = None
    assert np.ptp(raw) > 1e-4
    one._prior = [np.array(one.scored([one._asked(blank)])[0][0])]
    np.testing.assert_allclose(one.reading.label_scores(one.logits([blank])), 1 / 3, atol=1e-5)


@pytest.mark.parametrize("task", tasks.ALL, ids=lambda task: task.name)
def test_every_task_can_be_asked(bases, task) -> None:
    """The same kind of answer as an encoder gives, for a task nobody wrote a prompt for."""
    one = asked(bases["llama"], task, max_tokens=300)
    (found,) = one.predict(task.samples[:1])
    assert found.best in task.labels and set(found.scores) == set(task.labels)
    assert set(found.heads) == {head.name for head in task.spoken}
    if not task.heads[0].multi:
        assert sum(found.scores.values()) == pytest.approx(1.0, abs=1e-5)
    for label in task.labels:
        assert task.heads[0].multi or prompt_of(task).words[label] in prompt_of(task).ask
    if task.output is not None and not task.windows:
        assert task.output(found)


def test_shares_of_a_label_are_spread_over_the_values_that_mean_it(bases) -> None:
    """At temperature 1 a label's probability is the likelihood of its words among the labels', however many values."""
    one = asked(bases["qwen3"])
    scores = one.scored([one._asked(ROWS[0])])[0][0]
    one._prior = [np.zeros(3)]
    expected = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(one.reading.label_scores(one.logits(ROWS[:1]))[0], expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["llama", "mistral", "t5"])
def test_control_tokens_typed_by_a_person_are_text(bases, kind: str) -> None:
    words = asked(bases[kind]).words
    plain = words.ids(Example(text="a b"), "Q?")
    for mark in ("</s>", "<s>", "<|im_end|>", "<|im_start|>", "<pad>"):
        ids = words.ids(Example(text=f"a {mark} b"), "Q?")
        number = words.tokenizer.convert_tokens_to_ids(mark)
        assert ids.count(number) == plain.count(number), mark


def test_a_long_text_is_cut_and_the_question_never(bases) -> None:
    words = asked(bases["mistral"], max_tokens=120).words
    long = "start of it " + "middle " * 400 + "end of it"
    text = words.tokenizer.decode(words.ids(Example(text=long), "Which of these?", room=20))
    assert len(words.ids(Example(text=long), "Which of these?", room=20)) <= 100
    assert "start of" in text and "end of it" in text and "…" in text and "Which of these?\nAnswer:" in text
    with pytest.raises(UserError, match="question is too long"):
        words.ids(Example(text=long), "Which? " * 100)


def test_of_a_claim_and_its_passage_only_the_passage_is_cut(bases) -> None:
    words = asked(bases["mistral"], CLAIMS, max_tokens=160).words
    claim = "Honey cures the common cold in three days."
    parts = parts_of(CLAIMS, Example(text=claim, context="Honey was given. " * 90))
    assert [part.loose for part in parts] == [False, True] and PAIR not in "".join(part.text for part in parts)
    ids = words.ids(Example(text=claim, context="Honey was given to many. " * 90), "Does it?")
    assert claim in words.tokenizer.decode(ids) and len(ids) <= 160


def test_old_turns_are_dropped_whole_before_a_text_is_cut(bases) -> None:
    words = asked(bases["llama"], max_tokens=160).words
    turns = tuple(Turn(("user", "assistant")[i % 2], f"turn {i} " + "word " * 6) for i in range(8))
    text = words.tokenizer.decode(words.ids(Example(text="now?", history=turns), "Q?"))
    assert "turn 7" in text and "turn 6" in text and "turn 0" not in text and "now?" in text
    assert text.count("<|im_start|>user") == text.count("turn") / 2 + 1


def test_a_task_may_say_how_it_is_asked(bases) -> None:
    said = Prompt(names=("Good", "Bad", "More"), ask="How is it?", words={"negative": "awful", "positive": "great"})
    one = asked(bases["t5"], replace(REVIEWS, prompt=said))
    assert one.words.questions[0].answers == ("awful", "neutral", "great")
    text = one.words.tokenizer.decode(one.words.ids(ROWS[1], one.words.questions[0].text))
    assert text.startswith("Good: My migraines") and text.endswith("How is it?</s>")
    again = Prompter(bases["t5"].folder, "seq2seq", REVIEWS, 160, {**one.words.way, "prefix": "Read:"})
    assert again.prompt == one.words.prompt  # an adapter is asked as it was trained, whatever the task says today
    assert again.tokenizer.decode(again.ids(ROWS[1], "Q?")).startswith("Read:\nGood:")
