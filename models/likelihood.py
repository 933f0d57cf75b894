"""Classification by models that answer in words: how likely are each label's words after the prompt?

A label's score is the mean log-likelihood of its words' tokens, less what the same words get after a prompt about
nothing (Zhao et al. 2021: otherwise a model's liking for a word would count as evidence). What several questions and
labels share is computed once: the prompt's keys and values in a causal model, the encoder's states in a seq2seq one.
No text is ever generated, and none is searched for a label. Knows nothing of runs or tabs.
"""

import copy
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.memory import halving, heard
from models.prompts import BLANKS, Prompter
from models.reading import Floats, Reading
from models.speaker import Classified, Speaker, Spoken, padded, positions, with_mask
from tasks.spec import Example, Prediction, Task

TOKENS = 8192
"""Tokens in one forward pass, padding included."""
CHUNK = 32
"""Rows of a file between two words on how far it is."""
LOGITS = 2048
"""Tokens in one forward pass whose logits over the whole vocabulary are computed."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """One prompt and the answers whose likelihood is asked for, all as token ids."""

    prompt: Sequence[int]
    answers: Sequence[Sequence[int]]


Asked = Sequence[Question]
"""All that is asked of one example."""


def likelihoods(speaker: Speaker, asked: Sequence[Asked]) -> list[list[list[float]]]:
    """Return the mean log-likelihood per token of every answer to every question of every example."""
    return (_causal if speaker.family == "causal" else _seq2seq)(speaker, asked)


def _causal(speaker: Speaker, asked: Sequence[Asked]) -> list[list[list[float]]]:
    shared = [_shared([question.prompt for question in each]) for each in asked]
    prefixes = [each[0].prompt[:size] for each, size in zip(asked, shared, strict=True)]
    ids, mask = with_mask(prefixes, speaker.pad, left=True, device=speaker.device)
    cache = speaker.body(
        input_ids=ids, attention_mask=mask, position_ids=positions(mask), use_cache=True, logits_to_keep=1
    ).past_key_values
    rows, places = _rows(
        [[Question(q.prompt[size:], q.answers) for q in each] for each, size in zip(asked, shared, strict=True)]
    )
    found: dict[int, Tensor] = {}
    longest = max(len(row.fed) for row in rows)
    size = max(1, min(TOKENS // (ids.shape[1] + longest), LOGITS // longest))
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        owner = torch.tensor([row.example for row in part], device=ids.device)
        # Padded on the right: padding between what is cached and what follows would narrow a sliding window.
        said, own = with_mask([row.fed for row in part], speaker.pad, left=False, device=ids.device)
        mine = copy.deepcopy(cache) if start + size < len(rows) else cache
        mine.batch_select_indices(owner)
        before = mask[owner]
        out = speaker.body(
            input_ids=said,
            attention_mask=torch.cat([before, own], 1),
            position_ids=before.sum(1, keepdim=True) + positions(own),
            past_key_values=mine,
            use_cache=True,
        )
        found |= {start + i: _last(out.logits[i], row) for i, row in enumerate(part)}
    return _read(asked, rows, places, found)


def _seq2seq(speaker: Speaker, asked: Sequence[Asked]) -> list[list[list[float]]]:
    """Encode every prompt once; the decoder reads the encoder's states with each answer."""
    start = speaker.body.config.decoder_start_token_id
    prompts = [question.prompt for each in asked for question in each]
    ids, mask = with_mask(prompts, speaker.pad, left=False, device=speaker.device)
    base = speaker.body.get_base_model() if hasattr(speaker.body, "get_base_model") else speaker.body
    states = base.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
    rows, places = _rows([[Question([start], question.answers)] for each in asked for question in each])
    found: dict[int, Tensor] = {}
    size = max(1, TOKENS // (ids.shape[1] + max(len(row.fed) for row in rows)))
    for first in range(0, len(rows), size):
        part = rows[first : first + size]
        owner = torch.tensor([row.example for row in part], device=ids.device)
        logits = speaker.body(
            encoder_outputs=(states[owner],),
            attention_mask=mask[owner],
            decoder_input_ids=padded([row.fed for row in part], speaker.pad, left=False, device=ids.device),
            use_cache=False,
        ).logits
        found |= {first + i: _last(logits[i], row) for i, row in enumerate(part)}
    flat = _read([[question] for each in asked for question in each], rows, places, found)
    each_question = iter(flat)
    return [[next(each_question)[0] for _ in each] for each in asked]


@dataclass(frozen=True)
class _Row:
    """Tokens fed after what is shared; the logits of the `last` ones are looked at. Answers may share a row."""

    example: int
    fed: tuple[int, ...]
    last: int


def _last(logits: Tensor, row: _Row) -> Tensor:
    """Return the log-probabilities [last, vocabulary] at the places of an answer's tokens."""
    return torch.log_softmax(logits[len(row.fed) - row.last : len(row.fed)].float(), -1)


def _rows(asked: Sequence[Asked]) -> tuple[list[_Row], dict[tuple[int, int, int], int]]:
    """Return the rows to compute, each once, and which of them serves (example, question, answer).

    The last token of an answer is never fed, so all answers of one token are read from one row.
    """
    rows: dict[_Row, int] = {}
    places = {}
    for e, each in enumerate(asked):
        for q, question in enumerate(each):
            for a, answer in enumerate(question.answers):
                row = _Row(e, (*question.prompt, *answer[:-1]), len(answer))
                places[e, q, a] = rows.setdefault(row, len(rows))
    return list(rows), places


def _read(
    asked: Sequence[Asked], rows: Sequence[_Row], places: dict[tuple[int, int, int], int], found: dict[int, Tensor]
) -> list[list[list[float]]]:
    out = []
    for e, each in enumerate(asked):
        out.append([])
        for q, question in enumerate(each):
            means = []
            for a, answer in enumerate(question.answers):
                log = found[places[e, q, a]]
                wanted = torch.tensor(list(answer), device=log.device)
                means.append(float(log.gather(1, wanted[:, None]).mean()))
            out[-1].append(means)
    return out


def _shared(prompts: Sequence[Sequence[int]]) -> int:
    """Return how many first tokens all prompts have in common; at least one token of each is left over."""
    most = min(map(len, prompts)) - 1
    return next((i for i in range(most) if len({prompt[i] for prompt in prompts}) > 1), most)


class Likelihood:
    """Answers with a base that speaks, by the likelihood of the labels' words."""

    chunk = CHUNK

    def __init__(self, task: Task, reading: Reading, words: Prompter, reader: Speaker, source: str = "") -> None:
        self.task, self.reading, self.words, self.reader, self.source = task, reading, words, reader, source
        self._prior: list[Floats] | None = None

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order; where the memory held only a part of it at once, the source says so."""
        return _said(self, examples) if examples else []

    def stream(self, example: Example) -> Iterator[Prediction]:
        """Answer at once."""
        yield from self.predict([example])

    def logits(self, examples: Sequence[Example]) -> Floats:
        """Return logits [examples, outputs of the heads that are asked about], in order."""
        if not examples:
            return np.zeros((0, sum(len(head.values) for head in self.reading.heads)), np.float32)
        if self._prior is None:
            self._prior = self._habits()
        asked = [self._asked(example) for example in examples]
        found = self.scored(asked)
        return np.stack([self._heads(scores) for scores in found])

    def _heads(self, scores: Sequence[Sequence[float]]) -> Floats:
        """Return one row of logits: a label's share is spread over the values that mean it; yes is set against no."""
        assert self._prior is not None
        free = [np.array(own) - prior for own, prior in zip(scores, self._prior, strict=True)]
        out: list[float] = []
        at = 0
        for head in self.reading.heads:
            if head.multi:
                out += [float(yes - no) for yes, no in free[at : at + len(head.values)]]
                at += len(head.values)
                continue
            meant = {value: label for label, values in self.reading.fold.items() for value in values}
            for value in head.values:
                label = meant[value]
                out.append(float(free[at][self.reading.labels.index(label)] - np.log(len(self.reading.fold[label]))))
            at += 1
        return np.array(out, np.float32)

    def _asked(self, example: Example) -> Asked:
        return [Question(self.words.ids(example, q.text), self._answers(q.answers)) for q in self.words.questions]

    def _answers(self, texts: Sequence[str]) -> list[list[int]]:
        return [self.words.answer(text) for text in texts]

    def _habits(self) -> list[Floats]:
        """Return for every question the mean log-likelihood of its answers where there is nothing to read."""
        asked = [
            [Question(self.words.blank(q.text, filler), self._answers(q.answers)) for q in self.words.questions]
            for filler in BLANKS
        ]
        found = self.scored(asked)
        return [np.mean([scores[q] for scores in found], axis=0) for q in range(len(self.words.questions))]

    def scored(self, asked: Sequence[Asked]) -> list[list[list[float]]]:
        """Return the mean log-likelihood per token of every answer to all that is asked of every example.

        Examples of like length are scored together, and in smaller batches where the memory asks for it.
        """
        sizes = [max(len(question.prompt) for question in each) for each in asked]
        order = sorted(range(len(asked)), key=sizes.__getitem__)
        out: dict[int, list[list[float]]] = {}
        questions = len(self.words.questions) if self.reader.family == "seq2seq" else 1
        with self.reader.turn(), torch.inference_mode():
            for part in parts(order, [size * questions for size in sizes], TOKENS):
                found = halving(lambda rows: likelihoods(self.reader, [asked[i] for i in rows]), part, _log.warning)
                out |= dict(zip(part, found, strict=True))
        return [out[i] for i in range(len(asked))]


class ByHead:
    """Answers with a seq2seq base that has a classification head."""

    chunk = CHUNK

    def __init__(self, task: Task, reading: Reading, words: Prompter, reader: Classified, source: str = "") -> None:
        self.task, self.reading, self.words, self.reader, self.source = task, reading, words, reader, source

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order; where the memory held only a part of it at once, the source says so."""
        return _said(self, examples) if examples else []

    def stream(self, example: Example) -> Iterator[Prediction]:
        """Answer at once."""
        yield from self.predict([example])

    def logits(self, examples: Sequence[Example]) -> Floats:
        """Return logits [examples, outputs], in order."""
        prompts = [self.words.ids(example, self.words.prompt.ask) for example in examples]
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        out = np.zeros((len(prompts), sum(len(head.values) for head in self.reading.heads)), np.float32)

        def compute(rows: Sequence[int]) -> list[Floats]:
            batch = Spoken([prompts[i] for i in rows], [], range(len(rows)), len(rows))
            return list(self.reader(batch).cpu().numpy())

        with self.reader.turn(), torch.inference_mode():
            for part in parts(order, [len(prompt) for prompt in prompts], TOKENS):
                for i, row in zip(part, halving(compute, part, _log.warning), strict=True):
                    out[i] = row
        return out


def _said(one: Likelihood | ByHead, examples: Sequence[Example]) -> list[Prediction]:
    with heard() as said:
        logits = one.logits(examples)
    return one.reading.predictions(logits, "; ".join(dict.fromkeys(filter(None, [one.source, *said]))))


def parts(order: Sequence[int], sizes: Sequence[int], most: int) -> Iterator[list[int]]:
    """Cut rows, shortest first, into parts that padded to their longest have at most `most` tokens."""
    part: list[int] = []
    for i in order:
        if part and (len(part) + 1) * sizes[i] > most:
            yield part
            part = []
        part.append(i)
    if part:
        yield part
