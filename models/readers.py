"""Who may read a text for a task: the adapter in service, other bases of this machine, endpoints the operator listed.

A person names one of the list by its key and can name nothing else. Nothing is opened before it is chosen. The
operator's settings are those of the chat. Importing this file imports no torch. Knows nothing of pages.
"""

import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from models.answerers import SETTING, named, stands_on
from models.bases import BASES
from models.endpoints import Endpoint, endpoints
from models.live import Live
from models.predictor import Predictor
from models.shelf import Adapter
from models.together import told
from models.wire import Patience
from tasks.spec import Kind, Task, UserError
from tasks.written import HERE, Offer

PAGE = Patience(read=45.0, total=75.0)
"""How long somebody in front of a page is made to wait for an endpoint."""
SENT = {
    Kind.NOTES: "Only the masked note leaves this machine; the masking is always done here.",
    Kind.CLAIMS: "The evidence is searched for here; claim and passages are sent.",
}
"""What is sent to an endpoint; of other kinds the text as it stands."""
_log = logging.getLogger(__name__)
Tell = Callable[[str], None]


class _Choice(NamedTuple):
    """An offer, and what opens it: handed the visitor's own token, and whom to tell how far it is."""

    offer: Offer
    open: Callable[[str | None, Tell], Predictor]


class Readers:
    """Finds who may read for a task, and opens whom somebody chose."""

    def __init__(self, live: Live, setting: str | None = None, remotes: str | None = None) -> None:
        """Read what is offered: `setting` is CARETUNE_GENERATORS, and `remotes` CARETUNE_ENDPOINTS, unless given."""
        self.live, self.remotes = live, remotes
        self.bases = named(os.environ.get(SETTING, "") if setting is None else setting)

    def offers(self, task: Task) -> list[Offer]:
        """Return who may read for a task now; the first is always there."""
        return [choice.offer for choice in self._choices(task)]

    def opened(self, task: Task, key: str, token: str | None = None) -> Iterator[Any]:
        """Yield words about how far the opening is, and last the predictor; `token` is the signed-in visitor's own.

        Raises:
            UserError: if nobody has that key, or they cannot be opened.
        """
        choices = {choice.offer.key: choice for choice in self._choices(task)}
        if key not in choices:
            raise UserError(f"There is no answerer of that name; who may answer: {', '.join(choices)}.")
        if key == HERE:
            yield self.live.predictor(task)
            return
        try:
            yield from told(partial(choices[key].open, token))
        except UserError as error:
            said = str(error)
        else:
            return
        name = choices[key].offer.label
        raise UserError(f"{name} could not answer: {said}" if said[:1].islower() else said)

    def _choices(self, task: Task) -> list[_Choice]:
        shelf = self.live.shelf.all(task)
        serves = self.live.shelf.current(task)
        base, _ = stands_on(Path(serves.folder)) if serves else ("", "")
        spoken = [base] if base in BASES and BASES[base].spoken else []
        others = [self._shelved(task, one) for one in shelf if stands_on(Path(one.folder))[0] in set(BASES) - {base}]
        untuned = [self._untuned(task, name) for name in dict.fromkeys([*spoken, *self.bases])]
        return [self._here(task, serves), *others, *untuned, *(_remote(task, one) for one in self._listed())]

    def _here(self, task: Task, serves: Adapter | None) -> _Choice:
        label = f"The adapter in service ({serves.run})" if serves else "The adapter in service"
        return _Choice(Offer(HERE, label, "Read on this machine."), lambda token, tell: self.live.predictor(task))

    def _shelved(self, task: Task, one: Adapter) -> _Choice:
        base, _ = stands_on(Path(one.folder))
        source = f"{base} + {one.run}, {one.headline}"
        offer = Offer(f"adapter:{one.run}", f"{base}, tuned here ({one.run})", f"Read on this machine; {one.headline}.")

        def open_(token: str | None, tell: Tell) -> Predictor:
            from models.loading import load
            from models.opening import opened

            return opened().held(base, one.folder, tell, lambda: load(task, Path(one.folder), source))

        return _Choice(offer, open_)

    def _untuned(self, task: Task, base: str) -> _Choice:
        about = (
            f"Read on this machine by {base} without tuning ({BASES[base].license}; {BASES[base].needs()}): how well "
            "it does was not measured. It is read into memory when first asked."
        )

        def open_(token: str | None, tell: Tell) -> Predictor:
            from models.opening import opened

            found = opened().labeller(task, base, tell)
            found.source = f"{base}, untuned; not measured, not calibrated"
            return found

        return _Choice(Offer(f"base:{base}", f"{base}, untuned", about), open_)

    def _listed(self) -> list[Endpoint]:
        try:
            return list(endpoints(self.remotes).values())
        except UserError as error:  # a bad list must not keep the app from starting
            _log.warning("%s", error)
            return []


def _remote(task: Task, one: Endpoint) -> _Choice:
    cost = f" Cost: {one.cost}." if one.cost else ""
    own = " It asks for your sign-in and is billed to your account." if one.sign_in else ""
    sent = SENT.get(task.kind, f"Your {task.unit.removesuffix('s')} is sent there.")
    about = f"Asked over the network. {sent}{own}{cost} How well it does was not measured."

    def open_(token: str | None, tell: Tell) -> Predictor:
        from models.far import RemotePredictor
        from models.remote import Remote

        one.key(token)  # before anything is read or searched for
        return RemotePredictor(task, Remote(one, token, PAGE))

    return _Choice(Offer(f"remote:{one.name}", f"{one.name} (remote)", about), open_)
