"""Who may answer in the chat: the sources alone, generators of this machine, and the endpoints the operator listed.

A person names one of the list by its key and can name nothing else. Nothing is opened before it is chosen. Importing
this file imports no torch. Knows nothing of pages.
"""

import json
import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from models import generating
from models.bases import BASES, register
from models.checker import Checker, spelled
from models.endpoints import Endpoint, endpoints
from models.reading import READING_FILE
from models.together import together, told
from tasks.marks import unmarked
from tasks.reply import Reply
from tasks.spec import Turn, UserError
from tasks.written import QUOTING, Offer, Written

if TYPE_CHECKING:
    from models.opening import Opened

SETTING = "CARETUNE_GENERATORS"
"""The environment variable that names bases, or folders of one's own models, that may answer; separated by commas."""
ALWAYS = Offer(
    QUOTING, "Sources only (quoted)", "Sentences of the sources, word for word. Nothing is written by a model."
)
_log = logging.getLogger(__name__)


class _Choice(NamedTuple):
    """An offer, and what opens it."""

    offer: Offer
    open: generating.Open


class Answerers:
    """Answers questions with whoever was chosen, and with two of them beside each other."""

    def __init__(self, checker: Checker, setting: str | None = None, remotes: str | None = None) -> None:
        """Read what is offered: `setting` is CARETUNE_GENERATORS, and `remotes` CARETUNE_ENDPOINTS, unless given."""
        self.checker, self.remotes = checker, remotes
        self.bases = named(os.environ.get(SETTING, "") if setting is None else setting)

    @property
    def offers(self) -> list[Offer]:
        """Return who may answer now; the first is always there."""
        return [ALWAYS, *(choice.offer for choice in self._choices())]

    def ask(
        self, question: str, history: Sequence[Turn], by: str = QUOTING, token: str | None = None
    ) -> Iterator[Reply]:
        """Yield the reply of whoever has that key, as it grows; `token` is the signed-in visitor's own.

        Raises:
            UserError: if nobody has it.
        """
        if by == QUOTING:
            yield from self.checker.ask(question, history)
            return
        choice = self._choice(by, token)
        opening = told(choice.open)
        search, verify = self.checker.finder, self.checker.verify
        yield from generating.reply(question, history, search, opening, verify, choice.offer.label, spelled)

    def compare(
        self, question: str, first: str, second: str, token: str | None = None
    ) -> Generator[tuple[Reply | None, Reply | None], None, None]:
        """Yield the newest replies of two to one question, as they grow beside each other.

        Raises:
            UserError: if there is nobody of one of these keys.
        """
        for key in (first, second):
            if key != QUOTING:
                self._choice(key)
        yield from together(self.ask(question, (), first, token), self.ask(question, (), second, token))

    def plain(self) -> dict[str, Callable[[str], str]]:
        """Return for each who may answer now, by its label, a function from a question to an answer without marks.

        So that who gave an answer cannot be told from its form. Those are left out who ask for a visitor's sign-in. The
        function raises UserError where there is none.
        """
        own = {f"remote:{one.name}" for one in self._listed() if one.sign_in}
        return {offer.label: partial(self._said, offer.key) for offer in self.offers if offer.key not in own}

    def _said(self, key: str, question: str) -> str:
        *_, end = self.ask(question, (), key)
        if isinstance(end, Written):
            if end.failed:
                raise UserError(end.failed)
            return unmarked(end.words).strip()
        return " ".join(quote.text for quote in end.quotes)

    def _choice(self, key: str, token: str | None = None) -> _Choice:
        choices = {choice.offer.key: choice for choice in self._choices(token)}
        if key not in choices:
            raise UserError(f"There is no answerer of that name; who may answer: {', '.join([QUOTING, *choices])}.")
        return choices[key]

    def _choices(self, token: str | None = None) -> list[_Choice]:
        tuned = self._tuned()
        names = [*([tuned[0]] if tuned else []), *self.bases]
        found = [tuned[1]] if tuned else []
        return [*found, *map(self._untuned, dict.fromkeys(names)), *(_remote(one, token) for one in self._listed())]

    def _tuned(self) -> tuple[str, _Choice] | None:
        """Return the base and the choice of the adapter in service, where that writes."""
        task, live = self.checker.questions, self.checker.live
        adapter = live.shelf.current(task)
        base, by = stands_on(Path(adapter.folder)) if adapter else ("", "")
        if adapter is None or base not in BASES or not BASES[base].spoken or by == "head":
            return None
        offer = Offer(
            "tuned",
            f"{base}, tuned here ({adapter.run})",
            f"Written by {base} with the adapter in service; every sentence is checked against the sources.",
        )
        label = offer.label
        return base, _Choice(offer, lambda tell: self._local.tuned(task, live, base, label, tell))

    def _untuned(self, base: str) -> _Choice:
        offer = Offer(
            f"base:{base}",
            f"{base}, untuned",
            f"Written by {base} without tuning ({BASES[base].license}; {BASES[base].needs()}); every sentence is "
            "checked against the sources. It is read into memory when first asked.",
        )
        ask = generating.INSTRUCTION
        return _Choice(offer, lambda tell: self._local.untuned(self.checker.questions, base, tell, ask))

    @cached_property
    def _local(self) -> "Opened":
        from models.opening import opened  # torch is read when somebody has chosen a generator

        return opened()

    def _listed(self) -> list[Endpoint]:
        try:
            return list(endpoints(self.remotes).values())
        except UserError as error:  # a bad list must not keep the app from starting
            _log.warning("%s", error)
            return []


def named(setting: str) -> list[str]:
    """Return the bases that a setting names, folders made bases; what cannot write is passed over with a warning."""
    found = []
    for name in filter(None, (part.strip() for part in setting.split(","))):
        try:
            base = BASES[name] if name in BASES else register(Path(name))
        except UserError as error:
            _log.warning("%s: %s", SETTING, error)
            continue
        if base.spoken:
            found.append(base.name)
        else:
            _log.warning("%s: %s does not answer in words.", SETTING, base.name)
    return list(dict.fromkeys(found))


def _remote(one: Endpoint, token: str | None) -> _Choice:
    cost = f" Cost: {one.cost}." if one.cost else ""
    own = " It asks for your sign-in and is billed to your account." if one.sign_in else ""
    offer = Offer(
        f"remote:{one.name}",
        f"{one.name} (over the network)",
        f"Your question, this conversation and the passages found are sent to {one.name}.{own}{cost} Every sentence is "
        "checked here against the sources.",
    )

    def open_(tell: Callable[[str], None]) -> generating.Writer:
        from models.remote import Remote
        from models.writers import RemoteWriter

        one.key(token)  # before anything is searched for
        return RemoteWriter(Remote(one, token))

    return _Choice(offer, open_)


def stands_on(folder: Path) -> tuple[str, str]:
    """Return the base an adapter names and how its labels are read; empty where it says nothing."""
    try:
        saved = json.loads((folder / READING_FILE).read_text(encoding="utf-8"))
        return str(saved["base"]), str(saved.get("way", {}).get("by", ""))
    except (OSError, ValueError, KeyError, AttributeError):
        return "", ""
