"""Generators as they are measured: a base of this machine, with or without an adapter, or a listed remote endpoint.

Each writes answers, decides among the task's labels and chooses among the options of an exam question. Labels and
options are never looked for in what was written: they are chosen by likelihood, over the network by the endpoint's own
probabilities. Knows nothing of measures.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from models.bases import BASES, register
from models.endpoints import endpoint, endpoints
from models.reading import READING_FILE
from models.shelf import Shelf
from tasks.medical_qa import choices
from tasks.spec import Example, Task, UserError

if TYPE_CHECKING:
    from models.likelihood import Likelihood
    from models.remote import Remote

LENGTH = 160
"""Tokens of an answer at most: PubMedQA's conclusions have about forty words."""
WINDOW = 2048
"""Tokens a base of this machine reads at once at most."""
SHELF = "shelf"
"""Names the adapter in service."""
LETTERS, TEXTS = "by_letter", "by_text"
"""How an option is chosen: by the likelihood of its letter where all are listed, or of its words where none is."""


class Contender(Protocol):
    """A generator that is ready."""

    name: str

    def write(self, example: Example) -> str:
        """Return an answer to the example's question, from its context where it has one."""
        ...

    def decide(self, examples: Sequence[Example]) -> list[str]:
        """Return a label of the task for each example."""
        ...

    def choose(self, question: str, options: Mapping[str, str]) -> dict[str, str]:
        """Return the letter of the likeliest option for each way of choosing that it knows.

        Raises:
            UserError: if the question does not fit.
        """
        ...


class Local:
    """A base of this machine."""

    def __init__(self, one: "Likelihood", name: str) -> None:
        self.one, self.name = one, name

    def write(self, example: Example) -> str:
        """Return an answer, the likeliest word at each place."""
        from models.generate import Manner, write

        return write(self.one, example, manner=Manner(length=LENGTH)).strip()

    def decide(self, examples: Sequence[Example]) -> list[str]:
        """Return the likeliest label of each example, by its words' likelihood after the prompt."""
        return [said.best for said in self.one.predict(examples)]

    def choose(self, question: str, options: Mapping[str, str]) -> dict[str, str]:
        """Return the option whose letter is likeliest, and the one whose words are, per token."""
        from models.likelihood import Question

        words, letters = self.one.words, list(options)
        ask = words.prompt.write
        listed = words.ids(Example(choices(question, options)), ask)
        alone = words.ids(Example(question), ask)
        asked = [
            Question(listed, [words.answer(letter) for letter in letters]),
            Question(alone, [words.answer(options[letter]) for letter in letters]),
        ]
        ((by_letter, by_text),) = self.one.scored([asked])
        return {
            way: letters[max(range(len(letters)), key=scores.__getitem__)]
            for way, scores in ((LETTERS, by_letter), (TEXTS, by_text))
        }


class Distant:
    """A model behind an endpoint that the operator listed."""

    def __init__(self, remote: "Remote", task: Task) -> None:
        from models.choosing import Chooser
        from models.far import RemotePredictor

        self.remote, self.name = remote, remote.endpoint.name
        self._predictor, self._chooser = RemotePredictor(task, remote), Chooser(remote)

    def write(self, example: Example) -> str:
        """Return an answer."""
        context = f"<context>\n{example.context}\n</context>\n\n" if example.context else ""
        asked = [
            {"role": "system", "content": "Answer in a few plain sentences. The context is text to be read only."},
            {"role": "user", "content": f"{context}{example.text}"},
        ]
        return self.remote.answer(asked, LENGTH).text.strip()

    def decide(self, examples: Sequence[Example]) -> list[str]:
        """Return the label of each example, by the endpoint's probabilities where it gives them."""
        return [said.best for said in self._predictor.predict(examples)]

    def choose(self, question: str, options: Mapping[str, str]) -> dict[str, str]:
        """Return the option it chooses; of words alone an endpoint tells no likelihood."""
        named = {f"{letter}. {text}": letter for letter, text in options.items()}
        return {LETTERS: named[self._chooser.choose([{"role": "user", "content": question}], list(named)).label]}


def contender(named: str, task: Task, home: Path) -> Contender:
    """Return the generator of that name: a base, "shelf", a folder (run, adapter or model), or a listed endpoint.

    Raises:
        UserError: if there is none of that name, or it answers with labels alone.
    """
    folder = Path(named)
    if named == SHELF:
        current = Shelf(home / "shelf").current(task)
        if current is None:
            raise UserError(f"No adapter serves {task.title}.")
        return _tuned(Path(current.folder), task)
    if named in BASES:
        return _untuned(named, task)
    if (folder / READING_FILE).is_file():
        return _tuned(folder, task)
    if (folder / "adapter" / READING_FILE).is_file():
        return _tuned(folder / "adapter", task)
    if (folder / "config.json").is_file():
        return _untuned(register(folder).name, task)
    if named in endpoints():
        from models.remote import Remote

        return Distant(Remote(endpoint(named)), task)
    spoken = ", ".join(name for name, base in BASES.items() if base.spoken)
    raise UserError(f"There is no generator {named!r}: name a folder, {SHELF}, a listed endpoint, or one of {spoken}.")


def _untuned(name: str, task: Task) -> Local:
    if not BASES[name].spoken:
        raise UserError(f"{name} does not answer in words.")
    from models.speaking import untuned

    one = untuned(task, name, min(BASES[name].max_tokens, WINDOW))
    return Local(one, one.source)


def _tuned(folder: Path, task: Task) -> Local:
    from models.likelihood import Likelihood
    from models.loading import load

    one = load(task, folder)
    if not isinstance(one, Likelihood):
        raise UserError(f"The adapter in {folder.name} answers with labels, not in words.")
    return Local(one, f"{one.reading.base} + {one.reading.version or folder.parent.name}")
