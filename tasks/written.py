"""A reply that a generator writes: its words, what was found of each sentence, and who wrote them.

Pure data; knows nothing of models, search or pages.
"""

from dataclasses import dataclass
from typing import NamedTuple

from tasks.marks import Marked, coloured, expected, unmarked
from tasks.reply import Reply
from tasks.spec import Turn

HERE = "adapter"
"""The key of who always reads for a tab: the adapter in service."""
QUOTING = "sources"
"""The key of who always answers: sentences of the sources, quoted."""


class Offer(NamedTuple):
    """Somebody who may answer: the key a program names, what a person reads, and what to know before choosing."""

    key: str
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class Written(Reply):
    """What a generator has written so far.

    `marks` are the pieces that were checked, `rest` what was not yet. `status` says what is waited for while nothing is
    written, `failed` why no more will come.
    """

    by: str = ""
    marks: tuple[Marked, ...] = ()
    rest: str = ""
    status: str = ""
    failed: str = ""

    @property
    def words(self) -> str:
        """Return what was written, with no note in it."""
        return "".join(mark.text for mark in self.marks) + self.rest

    @property
    def confidence(self) -> float:
        """Return the share of its sentences that is to be expected to be supported."""
        return expected(self.marks)

    @property
    def colour(self) -> str:
        """Return green, yellow or red."""
        return coloured(self.marks)[0]

    @property
    def why(self) -> str:
        """Return the reason of the colour, in words."""
        if not self.words.strip():
            return "No answer was written"
        why = coloured(self.marks)[1]
        return f"{why} (unfinished)" if self.failed else why

    @property
    def waiting(self) -> str:
        """Return what to show while there is no text."""
        return self.status or "Looking in the sources …"

    @property
    def text(self) -> str:
        """Return the answer as plain text: danger first, the words with their notes, a failure, the referral."""
        parts = [self.danger.message] if self.danger else []
        if self.searched:
            parts.append(self.searched)
        said = ("".join(mark.noted for mark in self.marks) + self.rest).strip()
        if said:
            parts.append(said)
        elif self.danger:
            return self.danger.message
        if self.failed:
            parts.append(self.failed)
        elif self.done and not said:
            parts.append(self.without)
        if self.done and self.referral:
            parts.append(self.referral)
        return "\n\n".join(parts)


def past(history: tuple[Turn, ...] | list[Turn]) -> list[Turn]:
    """Return earlier turns as a generator may read them: without notes and numbers that meant other sources.

    Chat templates refuse what is not a question, its answer, a question, its answer. So a question that was stopped
    falls away, and of two answers the first stays: the other says the same in plain words.
    """
    kept: list[Turn] = []
    for turn in history:
        waiting = bool(kept) and kept[-1].role == "user"
        if turn.role == "user":
            kept = [*(kept[:-1] if waiting else kept), turn]
        elif waiting:
            kept.append(Turn(turn.role, unmarked(turn.content)))
    return kept[:-1] if kept and kept[-1].role == "user" else kept
