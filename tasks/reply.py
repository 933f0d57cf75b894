"""What is said to a question, as it grows: quotations, their sources, and how far they can be relied on.

Pure data; knows nothing of models, search or pages.
"""

from dataclasses import dataclass

from tasks.emergency import Emergency
from tasks.evidence import Found
from tasks.population import unasked
from tasks.spec import Prediction

GREEN = 0.5
"""From this confidence on an answer is shown green; from ENOUGH on yellow; below it red."""
NOTHING = "I found nothing in the sources here that answers this, and I do not guess."
UNREAD = "I can read English only, and find no English words in this; please ask in English."
WELCOME = "You are welcome to ask a question; I look it up in the sources here."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, and the title of the passage it stands in."""

    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a source, the number of that source from 1, and how likely it answers."""

    text: str
    source: int
    score: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a question so far; `done` on the last one.

    `near` are passages that are offered where none answers. `asked` is the question as it was searched for.
    `decision` is what the sources were read as saying, yes, no or maybe; without a label where that is not sure.
    `spelt` are words that were searched for instead of misspelt ones; `unread` is what holds no words that are read.
    `settled` is yes or no where a card settles the question, by a claim it knows (`compared`) or its own words; a plain
    yes/no question is `unsettled` where nothing was read as either. `further` are topics of passages that were found
    near and are not quoted: what else may be asked about the same. A `courtesy` answers a "thanks" or a "hello":
    nothing was asked, and nothing was searched for.
    """

    asked: str
    danger: Emergency | None = None
    quotes: tuple[Quote, ...] = ()
    sources: tuple[Found, ...] = ()
    near: tuple[Found, ...] = ()
    decision: Prediction | None = None
    referral: str = ""
    done: bool = False
    courtesy: bool = False
    unread: bool = False
    spelt: tuple[str, ...] = ()
    settled: str = ""
    compared: str = ""
    unsettled: bool = False
    further: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """Return how likely the best sentence answers the question; 0 where none is quoted."""
        return max((quote.score for quote in self.quotes), default=0.0)

    @property
    def colour(self) -> str:
        """Return green, yellow or red; no green where a yes or no was asked for and none was found."""
        return "green" if self.confidence >= GREEN and not self.unsettled else "yellow" if self.quotes else "red"

    @property
    def beside(self) -> dict[int, list[str]]:
        """Return by source number whom its quotations and title speak of although the question does not."""
        found = {}
        for number, source in enumerate(self.sources, 1):
            said = " ".join(quote.text for quote in self.quotes if quote.source == number)
            found[number] = unasked(self.asked, f"{source.title} {said}")
        return {number: groups for number, groups in found.items() if groups}

    @property
    def waiting(self) -> str:
        """Return what to show while there is no text."""
        return "Looking in the sources …"

    @property
    def without(self) -> str:
        """Return what is said where there is no answer."""
        return WELCOME if self.courtesy else UNREAD if self.unread else NOTHING

    @property
    def searched(self) -> str:
        """Return what is said of words that were searched for instead of misspelt ones."""
        return f"Searched for: {', '.join(self.spelt)}." if self.spelt else ""

    @property
    def text(self) -> str:
        """Return the answer as plain text: danger first, quotations with the numbers of their sources, the referral."""
        parts = [self.danger.message] if self.danger else []
        if self.searched:
            parts.append(self.searched)
        if self.quotes:
            lead = f"{self.settled.capitalize()}, by what source 1 says: " if self.settled else ""
            parts.append(lead + " ".join(f"“{quote.text}” [{quote.source}]" for quote in self.quotes))
        elif self.danger:  # whoever is in danger is told one thing
            return self.danger.message
        elif self.done:
            parts.append(self.without)
        if self.done and self.referral:
            parts.append(self.referral)
        return "\n\n".join(parts)
