"""A remote model chooses among labels: by the probability of each choice where the endpoint tells it, else by name.

Every label gets a letter, and the first token of the answer is a letter; its log-probabilities are the labels' shares.
Where an endpoint gives none, the model is asked for a JSON object, which must be exactly one of those allowed. A label
is never looked for inside what a model wrote. Knows nothing of HTTP.
"""

import json
import math
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from models.remote import Message, Remote
from models.wire import Failed
from tasks.spec import UserError

TOP = (20, 5)
"""How many first tokens are asked for: the most OpenAI gives, then the most text-generation-inference gives."""
SURE = 0.5
"""Share of the first token that must fall on the letters; below it the model was about to say something else."""
TRIES = 2
_FENCED = re.compile(r"\s*(?:```(?:json)?\s*)?(\{.*\})\s*(?:```)?\s*", re.DOTALL)
_MARKS = " \t\n\u2581\u0120"  # blanks, and what stands for one in raw tokens
Found = TypeVar("Found")


@dataclass(frozen=True)
class Choice:
    """What was chosen. `shares` are the labels' probabilities, uncalibrated; not `graded` where only a name was given.

    Then the chosen label has all of the share, which says nothing of how sure the model was.
    """

    label: str
    shares: Mapping[str, float]
    graded: bool


class Chooser:
    """Asks one remote model for labels, and remembers what its endpoint can do."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self._tops: tuple[int, ...] = TOP
        self._json_mode = True

    def choose(self, messages: Sequence[Message], labels: Sequence[str]) -> Choice:
        """Return which one of two to 26 labels answers the last message.

        Raises:
            UserError: if the endpoint fails, or answers with none of the labels.
        """
        if not 2 <= len(set(labels)) == len(labels) <= len(string.ascii_uppercase):
            raise UserError("Between 2 and 26 different labels can be told apart by letter.")
        letters = dict(zip(string.ascii_uppercase, labels, strict=False))
        options = "\n".join(f"{letter}: {label}" for letter, label in letters.items())
        asked = _with(messages, f"Choose one:\n{options}\nAnswer with its letter only.")
        shares, tops = self._by_letter(asked, letters)
        if shares is not None:
            self._tops = tops
            return Choice(max(labels, key=shares.__getitem__), shares, True)
        named = self._by_name(messages, "label", f"one of {_listed(labels)}", lambda said: _one(said, labels))
        self._tops = tops  # only now: a request that is refused with and without them says nothing of probabilities
        return Choice(named, {label: float(label == named) for label in labels}, False)

    def choose_several(self, messages: Sequence[Message], labels: Sequence[str]) -> tuple[str, ...]:
        """Return which labels hold, none or several, in their own order.

        Raises:
            UserError: if the endpoint fails, or names anything that is no label.
        """
        what = f"a list of those that hold, none or several of {_listed(labels)}"
        return self._by_name(messages, "labels", what, lambda said: _some(said, labels))

    def _by_letter(
        self, messages: Sequence[Message], letters: Mapping[str, str]
    ) -> tuple[dict[str, float] | None, tuple[int, ...]]:
        """Return each label's share, and which numbers of first tokens are worth asking for from now on.

        No shares where the endpoint tells none, or the model wants to say something else.
        """
        tops = self._tops
        while tops:
            try:
                reply = self.remote.ask(messages, 1, logprobs=True, top_logprobs=tops[0])
            except Failed:  # it knows no such field, or not so many
                tops = tops[1:]
                continue
            return (_shares(reply.first, letters), tops) if reply.first else (None, ())
        return None, ()

    def _by_name(self, messages: Sequence[Message], key: str, what: str, check: Callable[[Any], Found | None]) -> Found:
        asked = _with(messages, f'Answer with a JSON object only: {{"{key}": {what}}}.')
        json_mode, tries, why = self._json_mode, 0, ""
        while tries < TRIES:
            try:
                reply = self.remote.ask(
                    asked, 256, **({"response_format": {"type": "json_object"}} if json_mode else {})
                )
            except Failed as error:
                json_mode, tries, why = False, tries + (not json_mode) * TRIES, error.why
                continue
            self._json_mode = json_mode
            said = _object(reply.text)
            found = check(said[key]) if said is not None and set(said) == {key} else None
            if found is not None:
                return found
            why, tries = "answered with none of the labels", tries + 1
        raise UserError(f"{self.remote.endpoint.name} {why}.")


def _shares(first: Sequence[tuple[str, float]], letters: Mapping[str, str]) -> dict[str, float] | None:
    shares = dict.fromkeys(letters.values(), 0.0)
    for token, logprob in first:
        label = letters.get(token.strip(_MARKS))
        if label is not None and math.isfinite(logprob):
            shares[label] += math.exp(min(logprob, 0.0))
    total = sum(shares.values())
    return {label: share / total for label, share in shares.items()} if total >= SURE else None


def _with(messages: Sequence[Message], text: str) -> list[Message]:
    """Return the messages with `text` at the end of the last: many chat templates refuse two of one role in a row."""
    *before, last = messages
    return [*before, {"role": last["role"], "content": f"{last['content']}\n\n{text}"}]


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(json.dumps(label, ensure_ascii=False) for label in labels)


def _object(text: str) -> dict[str, Any] | None:
    """Return the one JSON object that a text is, in a code fence or not; None where it is anything else."""
    match = _FENCED.fullmatch(text)
    try:
        said = json.loads(match[1]) if match else None
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _one(said: Any, labels: Sequence[str]) -> str | None:
    return said if isinstance(said, str) and said in labels else None


def _some(said: Any, labels: Sequence[str]) -> tuple[str, ...] | None:
    if not isinstance(said, list) or not all(isinstance(one, str) and one in labels for one in said):
        return None
    return tuple(label for label in labels if label in said)
