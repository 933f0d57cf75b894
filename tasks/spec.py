"""The words every room shares: what a task is, what goes in, what comes out.

Knows nothing of Gradio, of torch, or of any particular task.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

PAIR = "\x1f"
"""Stands in a segment between two texts that are read together; `clean` takes it out of whatever people write."""

MAX_CHARS = 20_000
"""Longest text, in characters, that a person may hand to any tab at once."""

# Format characters (zero-width, bidi, BOM) and controls other than tab and line ends carry no words.
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class UserError(Exception):
    """Something the visitor can put right; its message is shown to them as it stands."""


class Kind(Enum):
    """The shape of a task: picks its view, and nothing else."""

    REVIEW = "review"
    ASPECTS = "aspects"
    NOTES = "notes"
    CLAIMS = "claims"
    QA = "qa"
    PAIRS = "pairs"


class Turn(NamedTuple):
    """One message of a conversation."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Example:
    """One input, and its right answers where those are known.

    `text` is the plain text a person pasted; `fields` holds the named parts where a form or a file gave them
    (a drug review has benefits, side effects and comments). `targets` maps a head's name to its right value(s); a "?"
    among the values of a multi head says that those not named are unknown rather than absent.
    """

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    context: str = ""
    history: tuple[Turn, ...] = ()
    label: str | None = None
    targets: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_text(self) -> str:
        """Return every part of the example as one text, for length checks and duplicate search."""
        return "\n".join(part for part in (*self.fields.values(), self.text, self.context) if part)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says about one Example: every tab draws it, every metric scores it.

    `label` is None where the model declines to choose; `best` is its best guess all the same.
    `scores` are calibrated probabilities over the task's labels, `heads` the distribution of every head, `claimed` the
    values of multi heads that are likely enough to be said. Not `graded` where only names were given: scores of 1 and 0
    then say nothing of how sure it is. `coarse` where the values that mean one label were not told apart. `more` is
    what else a scored row says, by column.
    """

    label: str | None
    best: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    heads: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    claimed: tuple[str, ...] = ()
    text: str = ""
    evidence: tuple[str, ...] = ()
    source: str = ""
    graded: bool = True
    coarse: bool = False
    more: Mapping[str, str | float | None] = field(default_factory=dict)

    @property
    def abstained(self) -> bool:
        """Whether the model declined to choose a label."""
        return self.label is None


Answer = Callable[[Example], Iterator[Prediction]]
"""What a tab is handed: one Example in, ever fuller Predictions out, the last one final."""


@dataclass(frozen=True)
class Head:
    """One thing an adapter learns to say of an example.

    `ordinal` values are ordered, a neighbour is nearly right; `multi` values may hold together (sigmoids).
    `weight` is the head's share of the training loss.
    """

    name: str
    values: tuple[str, ...]
    ordinal: bool = False
    multi: bool = False
    weight: float = 1.0


@dataclass(frozen=True)
class Rivals:
    """Passages that a text is also set beside though they do not answer it: those that share most words with it.

    `file` holds them, `passage` yields (id, text) of each that counts; a row whose id in the column of `apart` occurs
    in the file of `apart` is left out. Each text gets `many` of them under `label`, in the forms that `forms` makes of
    (text, passage). Those that its own targets name under "own" are no rivals.
    """

    file: str
    passage: Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]
    label: str
    many: int
    forms: Callable[[str, str], Sequence[str]] | None = None
    apart: tuple[str, str] | None = None


@dataclass(frozen=True)
class Data:
    """A dataset a task may be trained or measured on, and how its rows become Examples.

    `folder` and `files` (split name to file name) locate a local copy below a data folder; `repo` is the Hub id of
    the same set, `revision` its pinned commit or None where no commit could be verified. Rows are read from the local
    copy alone; the Hub is asked only for somebody's own rows. A set without an official test split may hold out a share
    of its rows, chosen by the hash of their words. `role` is "train" (learned from, validated and tested on) or "extra"
    (only learned from), or "measure" (never learned from). `ships` says whether the licence lets an adapter trained on
    it be shared. `parts` names the values of a column "split" that make each split, where one file holds them all.
    What is trained on a `credentialed` set is never published, nor served where the public asks.
    So many short texts are joined into one as `bundle` says, and it has the labels of all. With `foil` each text is
    also set beside the likest context of another row, under that label. `apart` names a file and a column: rows whose
    value there occurs in that file are left out. `beside` names another file, a column of it and a column here that
    holds or lists values of that one: the rows so named stand in each row as "beside". The rows of a `written` set have
    a written answer and no label: only bases that answer in words learn from them, and only where the set is named. One
    that stands `aside` is of another subject, and is learned from only where it is named too.
    `side` says which split a row is of, where one file holds them all and no column does. With `rivals` each text is
    also set beside passages that look like its own. Examples whose targets share a value under "group" never stand on
    two sides of a cut. A set that is `inside` comes with the project: its folder is one of the project's own.
    """

    name: str
    folder: str
    files: Mapping[str, str]
    license: str
    ships: bool
    to_examples: Callable[[Mapping[str, Any]], Sequence[Example]]
    repo: str | None = None
    revision: str | None = None
    role: str = "train"
    held_out: float = 0.0
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    credentialed: bool = False
    bundle: int = 1
    foil: str = ""
    apart: tuple[str, str] | None = None
    beside: tuple[str, str, str] | None = None
    written: bool = False
    aside: bool = False
    side: Callable[[Mapping[str, Any]], str] | None = None
    rivals: Rivals | None = None
    inside: bool = False
    note: str = ""


@dataclass(frozen=True)
class Prompt:
    """How a model that answers in words is asked; what is left empty is made from the task's title, labels and slots.

    `names` stand before the parts of the text, in their order. `ask` asks for the label, `each` whether one value of a
    multi head holds ("{}" stands for it; answered by yes or no). `words` says a label as a model would. `answer` names
    the target that holds a written answer, where there is one, and `write` asks for it.
    """

    names: tuple[str, ...] = ()
    ask: str = ""
    each: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""
    write: str = ""


class Signs(NamedTuple):
    """Numbers that rules read off an Example, one a name: a linear reading of them may stand beside an adapter.

    `version` changes whenever the rules do, so that no adapter is read with others than it was settled with.
    """

    names: tuple[str, ...]
    of: Callable[[Example], Sequence[float]]
    version: str


@dataclass(frozen=True)
class Task:
    """All that makes one task what it is. Tab, trainer and evaluator read it; none writes it.

    `slots` are the named text segments the encoder reads side by side; `segments` fills them for one Example (an
    empty string is a missing segment). `variants` are the forms a training row is seen in, with their shares; `bare` is
    the poorest form a visitor may give, measured apart; `second` is the form in which a text that was hard to read is
    read once more, None where there is no other; `opposite` is a text that says the reverse and is easier to read, its
    answer being turned round by `turned` (values of the first head). `fold` maps every label to the values of the first
    head that mean it. `windows` says that segments are the windows of one long text, read by a head that weighs them
    for each label, instead of slots. `shortcuts` hide a part of an Example: a floor that still does well shows what can
    be had without reading the rest. `max_chars` is the longest text taken; `output` gives the columns of a scored row,
    `refuses` says why a row of a file is not scored, or nothing. `prompt` is how models that answer in words are asked.
    `signs` are what rules read off an Example.
    """

    name: str
    title: str
    kind: Kind
    intro: str
    caution: str
    labels: tuple[str, ...]
    heads: tuple[Head, ...]
    fold: Mapping[str, tuple[str, ...]]
    slots: tuple[str, ...]
    segments: Callable[[Example], Sequence[str]]
    data: tuple[Data, ...]
    samples: tuple[Example, ...]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variants: Callable[[Example], Sequence[tuple[float, Example]]] | None = None
    bare: Callable[[Example], Example] | None = None
    second: Callable[[Example], Example | None] | None = None
    opposite: Callable[[Example], Example | None] | None = None
    turned: Mapping[str, str] = field(default_factory=dict)
    windows: bool = False
    shortcuts: Mapping[str, Callable[[Example], Example]] = field(default_factory=dict)
    max_chars: int = MAX_CHARS
    output: Callable[[Prediction], Mapping[str, Any]] | None = None
    refuses: Callable[[Example], str] | None = None
    unit: str = "texts"
    order: int = 50
    prompt: Prompt = Prompt()
    signs: Signs | None = None

    @property
    def spoken(self) -> tuple[Head, ...]:
        """Return the heads that a model answering in words is asked about: the first, and those of several values.

        The others are there to teach an encoder more from the same rows.
        """
        return (self.heads[0], *(head for head in self.heads[1:] if head.multi))

    def head(self, name: str) -> Head:
        """Return the head of that name; raise KeyError where there is none."""
        return {head.name: head for head in self.heads}[name]

    def dataset(self, name: str) -> Data:
        """Return the dataset of that name; raise KeyError where there is none."""
        return {data.name: data for data in self.data}[name]


def clean(text: str) -> str:
    """Return `text` as a model should read it: one form of each letter, no invisible characters, outer space gone.

    Lone surrogates, which JSON can carry and no encoder accepts, become question marks. Line ends are kept.
    """
    text = text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()


def check_text(text: object, limit: int = MAX_CHARS, what: str = "text") -> str:
    """Return the cleaned text; raise UserError where it is no text, is empty or is too long."""
    if not isinstance(text, str):
        raise UserError(f"The {what} must be plain text.")
    # The length is checked before any normalising, so that a huge paste costs nothing.
    if len(text) > limit:
        raise UserError(f"This {what} has {len(text):,} characters; at most {limit:,} can be read at once.")
    cleaned = clean(text)
    if not any(unicodedata.category(char)[0] in "LNPS" for char in cleaned):  # joiners and marks alone say nothing
        raise UserError(f"Please enter some {what} first.")
    return cleaned


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
