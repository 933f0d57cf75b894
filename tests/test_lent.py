"""What a GPU is lent to: exactly what computes, for as long as its input needs, with plain values in and out.

A recording stand-in for the `spaces` package runs what it wrapped as ZeroGPU does: nothing is shared with the caller
but what can be pickled. Nothing here has a GPU.
"""

import importlib
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import isgeneratorfunction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from tiny import forget, registered

import tasks
from models import generate, lent, loading, occlusion, zero
from models.bases import BASES
from models.encoder import save
from models.generate import Manner, stream, write
from models.likelihood import Likelihood
from models.live import Live
from models.loading import load
from models.reading import Reading
from models.shelf import Adapter, Shelf
from models.speaking import untuned
from tasks.spec import Example, Turn, UserError
from training import spoken
from training.config import RunConfig
from training.learner import fresh

ROOT = Path(__file__).parent.parent
TASK = tasks.get("drug_reviews")


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bases")
    for kind in ("llama", "t5", "bert"):
        registered(kind, folder)
    yield
    forget()


@pytest.fixture(scope="module")
def adapters(bases, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An adapter that is not nothing, of each of three families."""
    found = {}
    for kind in ("llama", "t5", "bert"):
        asked = RunConfig(TASK.name, base=f"tiny-{kind}", rank=4, max_tokens=96)
        reader, words = fresh(TASK, asked)
        with torch.no_grad():
            for name, weight in reader.named_parameters():
                if "lora_B" in name:
                    weight.normal_(0, 0.05)
        found[kind] = tmp_path_factory.mktemp(kind)
        save(reader.eval(), found[kind], TASK.name, asked.base)
        way = spoken.way(words, asked) if BASES[asked.base].spoken else None
        Reading.of(TASK, asked.base, asked.max_tokens, way).write(found[kind])
    return found


def _sent(value: Any) -> Any:
    """Return a value as it arrives in another process."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - its own words alone


class Spaces(ModuleType):
    """Stands in for `spaces` on ZeroGPU: notes what is wrapped, when it is called and for how long."""

    def __init__(self) -> None:
        super().__init__("spaces")
        self.wrapped: list[str] = []
        self.calls: list[tuple[str, int]] = []
        self.inside = threading.local()

    def GPU(self, task: Callable | None = None, *, duration: Any = None) -> Callable:
        """Wrap a function that computes."""
        if task is None:
            return lambda task: self.GPU(task, duration=duration)
        self.wrapped.append(task.__name__)
        return self._stream(task, duration) if isgeneratorfunction(task) else self._call(task, duration)

    def _begin(self, task: Callable, duration: Any, given: tuple) -> tuple:
        seconds = duration(*given) if callable(duration) else duration
        self.calls.append((task.__name__, seconds))
        return _sent(given)

    def _call(self, task: Callable, duration: Any) -> Callable:
        def called(*given: Any) -> Any:
            return _sent(task(*self._begin(task, duration, given)))

        return called

    def _stream(self, task: Callable, duration: Any) -> Callable:
        def called(*given: Any) -> Iterator[Any]:
            for item in task(*self._begin(task, duration, given)):
                yield _sent(item)

        return called


@pytest.fixture
def borrowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spaces]:
    """The room as it is on a Space that borrows its GPU."""
    made = Spaces()
    monkeypatch.setitem(sys.modules, "spaces", made)
    importlib.reload(lent)
    monkeypatch.setattr(generate, "Lent", lent.Lent)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    yield made
    monkeypatch.undo()
    importlib.reload(lent)
    generate.Lent = lent.Lent


def test_exactly_what_computes_is_wrapped(borrowed: Spaces) -> None:
    assert borrowed.wrapped == ["computed", "written"]
    assert borrowed.calls == []


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_a_lent_gpu_says_what_the_model_says(kind: str, adapters, borrowed: Spaces, monkeypatch) -> None:
    found = load(TASK, adapters[kind], source="s")
    assert isinstance(found, lent.Lent) and found.borrowed
    said, text = found.predict(TASK.samples), write(found, TASK.samples[0], manner=Manner(length=6))
    assert [name for name, _ in borrowed.calls] == ["computed", "written"]
    monkeypatch.delenv("SPACES_ZERO_GPU")
    plain = load(TASK, adapters[kind], source="s")
    assert not isinstance(plain, lent.Lent)
    assert plain.predict(TASK.samples) == said and write(plain, TASK.samples[0], manner=Manner(length=6)) == text
    assert len(borrowed.calls) == 2  # off such a Space nothing is asked for


def test_a_base_as_it_came_is_lent_too_and_keeps_how_it_is_asked(borrowed: Spaces, monkeypatch) -> None:
    found = untuned(TASK, "tiny-llama", 96, {"prefix": "Read:"})
    assert isinstance(found, lent.Lent)
    before = found.logits(TASK.samples)
    assert len(borrowed.calls) == 1
    monkeypatch.delenv("SPACES_ZERO_GPU")
    np.testing.assert_allclose(untuned(TASK, "tiny-llama", 96, {"prefix": "Read:"}).logits(TASK.samples), before)
    assert np.abs(untuned(TASK, "tiny-llama", 96).logits(TASK.samples) - before).max() > 1e-4


def test_the_pieces_that_carried_an_answer_are_found_with_it(adapters, borrowed: Spaces) -> None:
    found = occlusion.words(load(TASK, adapters["llama"]), Example(text="awful pain, great relief"), "positive")
    assert found and {name for name, _ in borrowed.calls} == {"computed"}


def test_an_encoder_answers_where_it_stands(adapters, borrowed: Spaces) -> None:
    assert load(TASK, adapters["bert"]).predict(TASK.samples)
    assert borrowed.calls == []


def test_a_refusal_comes_back_in_its_own_words(adapters, borrowed: Spaces, monkeypatch) -> None:
    def refused(*given: object) -> None:
        raise UserError("The memory does not hold this.")

    found = load(TASK, adapters["llama"])
    monkeypatch.setattr(Likelihood, "logits", refused)
    with pytest.raises(UserError, match="does not hold this"):
        found.predict(TASK.samples)
    with pytest.raises(UserError, match="question is too long"):
        write(found, Example(text="x"), "Why? " * 200)
    with pytest.raises(UserError, match="lent for single answers"):
        _ = found.reader.body


def test_an_answer_can_be_stopped(adapters, borrowed: Spaces) -> None:
    stop, got = threading.Event(), []
    for text in stream(load(TASK, adapters["llama"]), Example(text="ok"), "Go on.", Manner(length=60), stop):
        got.append(text)
        stop.set()
    assert len(got) <= 2


def test_the_time_asked_for_follows_the_input(adapters, borrowed: Spaces) -> None:
    """Longer texts, longer answers and larger bases ask for more; nothing asks for more than a visitor may have."""
    large = lent.Which(TASK.name, "mistral-7b", 8192)
    short, long = Example(text="ok"), Example(text="word " * 5000)
    told = Example(text="ok", history=(Turn("user", "word " * 5000),))
    assert lent._need(large, [short]) < lent._need(large, [long] * 20) <= zero.MOST
    assert lent._need(large, [long] * 4) == lent._need(large, [told] * 4)
    assert lent._need(replace(large, quantised=True), [short]) < lent._need(large, [short])
    assert lent._need(replace(large, base="llama-3.2-3b-instruct"), [short]) < lent._need(large, [short])
    assert lent._writing(large, short, "", Manner(length=16)) < lent._writing(large, short, "", Manner(length=512))
    assert zero.seconds(BASES["tiny-llama"], 10) == zero.LEAST
    assert zero.seconds(BASES["mixtral-8x7b"], 10**9, 10**6) == zero.MOST


def test_many_texts_are_read_in_parts_that_fit_and_in_order(adapters, borrowed: Spaces, monkeypatch) -> None:
    found = load(TASK, adapters["llama"])
    rows = [Example(text=f"{word} {i}") for i in range(6) for word in ("awful", "great")]
    whole = found.logits(rows)
    assert len(borrowed.calls) == 1
    large = lent.Which(TASK.name, "mistral-7b", 8192)
    many = [Example(text="word " * 5000)] * 30
    cut = list(lent.parts(large, many))
    assert 1 < len(cut) < 30 and sum(map(len, cut)) == 30
    assert all(lent._need(large, part) <= lent._need(large, many[:1]) + lent.PIECE for part in cut)
    monkeypatch.setattr(lent, "_need", lambda which, examples: len(examples))
    monkeypatch.setattr(lent, "PIECE", 4)
    borrowed.calls.clear()
    np.testing.assert_allclose(found.logits(rows), whole, atol=1e-4)
    assert len(borrowed.calls) == 3  # one and four more in each


def test_warming_up_spends_nobodys_quota_and_placing_opens_what_serves(adapters, borrowed: Spaces, tmp_path) -> None:
    shelf = Shelf(tmp_path / "shelf", shipped=tmp_path / "shipped")
    shelf.put(TASK, Adapter("run", str(adapters["llama"]), TASK.labels, "not measured"))
    Live(shelf).warm([TASK], [])
    assert borrowed.calls == []
    assert lent.place([(TASK, adapters["llama"])]) == ["tiny-llama"]
    held = lent._open.cache_info().misses
    assert Live(shelf).answer(TASK, TASK.samples) and lent._open.cache_info().misses == held
    assert lent.place([(TASK, adapters["bert"]), (TASK, tmp_path / "nowhere")]) == []


def test_off_such_a_space_nothing_changes(adapters) -> None:
    """The real package leaves what it decorates as it is."""
    import spaces

    def nothing() -> None: ...

    assert spaces.GPU(duration=lambda: 1 / 0)(nothing) is nothing
    assert not hasattr(lent.computed, "zerogpu") and not zero.on_zero() and not zero.away()
    assert type(load(TASK, adapters["llama"])) is Likelihood and loading.load is load


def test_importing_touches_no_gpu() -> None:
    """On ZeroGPU torch says there is a GPU while there is none: whatever module reached for it would fail."""
    code = (
        "import importlib, pathlib, spaces, torch, accelerate, peft, transformers\n"
        "def never(*_): raise SystemExit('CUDA was touched')\n"
        "torch.cuda.is_available = lambda: True\n"
        "torch.cuda._lazy_init = torch._C._cuda_init = torch.cuda.mem_get_info = never\n"
        "for room in ('models', 'training'):\n"
        "    for path in sorted(p for p in pathlib.Path(room).rglob('*.py') if p.stem[:2] != '__'):\n"
        "        if path.stem != 'lance':  # stands on a package that may not be there\n"
        "            importlib.import_module('.'.join(path.with_suffix('').parts))\n"
        "import app\n"
        "print('untouched')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip().endswith("untouched"), done.stdout[-500:] + done.stderr[-1500:]
