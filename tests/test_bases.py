"""Every row of the bases says nothing that cannot be checked, and every way in refuses what it should."""

import json
import re
import threading
from pathlib import Path

import pytest
import torch
import transformers as hf
from tiny import MODELS, build
from torch import nn

from models import bases, fetch, memory, weights
from models.bases import BASES, MINILM, register, register_all
from models.kinds import CHOICES, KINDS
from tasks.spec import UserError

NAMED = {
    *("flan-t5-base", "flan-t5-large", "flan-t5-xl", "mistral-7b", "mixtral-8x7b", "llama-2-7b", "llama-2-13b"),
    *("llama-3.2-3b-instruct", "falcon-7b", "gpt-3.5-turbo", "gemini-1.0-pro", "gemini-1.5-pro", "gemini-1.5-flash"),
    *("gemini-1.5-flash-8b", "gemini-2.0-flash", "qwen3-0.6b", "qwen3-8b", "modernbert-base", "deberta-v3-base"),
    *("bioclinical-modernbert-base", "medgemma-4b-it", "minilm-l6"),
}
SHAPED = [base for base in BASES.values() if base.shape is not None]
_CONFIGS = {
    "t5": (hf.T5Config, hf.T5ForConditionalGeneration),
    "mistral": (hf.MistralConfig, hf.MistralForCausalLM),
    "mixtral": (hf.MixtralConfig, hf.MixtralForCausalLM),
    "llama": (hf.LlamaConfig, hf.LlamaForCausalLM),
    "falcon": (hf.FalconConfig, hf.FalconForCausalLM),
    "qwen3": (hf.Qwen3Config, hf.Qwen3ForCausalLM),
    "bert": (hf.BertConfig, lambda config: hf.BertModel(config, add_pooling_layer=False)),
    "modernbert": (hf.ModernBertConfig, hf.ModernBertModel),
    "deberta-v2": (hf.DebertaV2Config, hf.DebertaV2Model),
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for models of one's own; what is registered in a test is gone after it."""
    before = dict(BASES)
    yield tmp_path
    BASES.clear()
    BASES.update(before)


def test_every_base_of_the_founding_documents_has_a_row() -> None:
    assert set(BASES) >= NAMED
    assert BASES["minilm-l6"] is MINILM and next(iter(BASES)) == "minilm-l6"


@pytest.mark.parametrize("base", BASES.values(), ids=lambda base: base.name)
def test_a_row_says_what_a_reader_needs(base: bases.Base) -> None:
    assert base.license and base.repo
    assert base.revision is None or len(base.revision) == 40
    assert base.trains == (base.family != "remote")
    if base.trains:
        assert base.repo.count("/") == 1 and base.parameters and "GB in 4 bits" in base.needs()
        assert base.bytes(4.127) < base.bytes() and KINDS[base.kind].family == base.family


@pytest.mark.parametrize("base", SHAPED, ids=lambda base: base.name)
def test_parameters_are_those_of_the_shape(base: bases.Base) -> None:
    """Built without memory and counted; Flan-T5 keeps a word table of its own for the output, which is not tied."""
    config, model = _CONFIGS[base.kind]
    with torch.device("meta"):
        made = model(config(**base.shape))
    counted = sum(p.numel() for p in made.parameters())
    if base.kind == "t5":
        counted += base.shape["vocab_size"] * base.shape["d_model"]
    assert base.parameters == counted


@pytest.mark.parametrize("kind", MODELS)
def test_an_adapters_layers_are_there_and_linear(kind: str, tmp_path: Path) -> None:
    """Each name of each choice ends the name of some linear layer in a block, in the real architecture."""
    cls, config, said = MODELS[kind]
    with torch.device("meta"):
        model = cls(config(vocab_size=64, **said))
    apart = re.compile(KINDS[kind].apart or r"(?!)")
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear) and not apart.match(name)]
    for choice in CHOICES:
        targets = KINDS[kind].targets(choice)
        missing = {t for t in targets if not any(name.endswith(f".{t}") for name in linear)}
        assert missing <= {"wi", "wi_0", "wi_1"} and len(missing) < 2, (choice, missing)
    in_blocks = [name for name in linear if f".{KINDS[kind].blocks}." in f".{name}"]
    covered = [n for n in in_blocks if any(n.endswith(f".{t}") for t in KINDS[kind].targets("all-linear"))]
    assert set(in_blocks) - set(covered) <= {n for n in in_blocks if n.endswith("relative_attention_bias")}


def test_ones_own_checkpoint_is_a_base(own: Path) -> None:
    place = build("llama", own)
    (base,) = register_all(str(own))
    assert base is BASES["tiny-llama"] and base.family == "causal" and base.folder == place
    model = weights.open_base("tiny-llama")
    assert base.parameters == sum(p.numel() for p in model.parameters())
    assert model.config._attn_implementation == "sdpa" and model.dtype == torch.float32
    assert not any(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda place: (place / "model.safetensors").unlink(), "needs"),
        (lambda place: (place / "tokenizer.json").unlink(), "needs"),
        (lambda place: (place / "config.json").write_text('{"model_type": "gpt9"}'), "known architectures"),
        (lambda place: (place / "config.json").write_text("[]"), "bad"),
        (lambda place: (place / "model.safetensors").write_bytes(b"\x05"), "bad"),
        (lambda place: place.rename(place.parent / "minilm-l6"), "another name"),
    ],
)
def test_a_folder_that_is_no_model_is_refused(own: Path, spoil, said: str) -> None:
    place = build("bert", own)
    spoil(place)
    place = place if place.exists() else own / "minilm-l6"
    with pytest.raises(UserError, match=said):
        register(place)
    assert register_all(str(own)) == []  # and keeps nothing else from starting


def test_pickled_weights_are_never_opened(own: Path) -> None:
    place = build("bert", own)
    register(place)
    (place / "model.safetensors").rename(place / "pytorch_model.bin")
    with pytest.raises(UserError, match="cannot be opened"):
        weights.open_base("tiny-bert")


def test_code_in_a_repository_is_never_run(own: Path) -> None:
    """A configuration that names a class of its own is read as the architecture it says, or refused."""
    place = build("llama", own)
    register(place)
    config = json.loads((place / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "evil.Evil", "AutoConfig": "evil.EvilConfig"}
    (place / "config.json").write_text(json.dumps(config))
    (place / "evil.py").write_text("raise SystemExit('ran')")
    assert type(weights.open_base("tiny-llama")).__name__ == "LlamaForCausalLM"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine can quantise")
def test_four_bits_are_refused_in_words_without_a_gpu() -> None:
    with pytest.raises(UserError, match="need an NVIDIA GPU"):
        weights.open_base("mistral-7b", quantised=True)


def test_weights_of_a_remote_model_are_nobodys() -> None:
    with pytest.raises(UserError, match="over the network"):
        bases.locate("gpt-3.5-turbo")


def _hub_error(kind: str) -> Exception:
    import httpx
    from huggingface_hub import errors

    response = httpx.Response(401, request=httpx.Request("GET", "https://huggingface.co"))
    return {
        "gated": lambda: errors.GatedRepoError("no", response=response),
        "missing": lambda: errors.RepositoryNotFoundError("no", response=response),
        "offline": lambda: errors.LocalEntryNotFoundError("no"),
        "full": lambda: OSError("no space"),
    }[kind]()


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("llama-2-7b", "gated", "accept its licence .*hf auth login"),
        ("llama-2-7b", "missing", "accept its licence"),
        ("flan-t5-base", "missing", "knows no google/flan-t5-base"),
        ("flan-t5-base", "offline", "CARETUNE_BASES"),
        ("flan-t5-base", "full", "could not be downloaded"),
    ],
)
def test_what_the_hub_refuses_is_said_in_words(tmp_path, monkeypatch, name: str, kind: str, said: str) -> None:
    monkeypatch.setenv("CARETUNE_HOME", str(tmp_path))

    def download(**wanted: object) -> str:
        raise _hub_error(kind)

    with pytest.raises(UserError, match=said):
        fetch.fetch(BASES[name], download=download)


def test_the_first_downloads_commit_is_kept_and_used_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CARETUNE_HOME", str(tmp_path / "home"))
    commit, asked = "a" * 40, []
    folder = tmp_path / "snapshots" / commit
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")

    def download(**wanted: object) -> str:
        asked.append(wanted)
        return str(folder)

    for _ in range(2):
        assert fetch.fetch(BASES["flan-t5-base"], download=download) == folder
    assert [(w["revision"], w.get("local_files_only", False)) for w in asked] == [(None, False), (commit, True)]
    assert not any(p == "*" or p.endswith((".bin", ".py", ".pt")) for w in asked for p in w["allow_patterns"])
    (folder / "model.safetensors").unlink()
    with pytest.raises(UserError, match="no safetensors"):
        fetch.fetch(BASES["flan-t5-base"], download=download)


class Weights(nn.Module):
    """So many megabytes."""

    def __init__(self, mb: int) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.zeros(mb * 250_000))


def test_models_used_longest_ago_are_dropped_first() -> None:
    pool = weights.Pool(budget=3_000_000)
    first = pool.get("a", lambda: Weights(1))
    pool.get("b", lambda: Weights(1))
    assert pool.get("a", lambda: Weights(9)) is first
    pool.get("c", lambda: Weights(1))
    assert pool.keys == ["b", "a", "c"]
    pool.get("d", lambda: Weights(2))
    assert pool.keys == ["c", "d"]
    pool.get("e", lambda: Weights(9))  # alone larger than the budget: it is held, nothing else is
    assert pool.keys == ["e"]


def test_a_load_that_fails_costs_nothing() -> None:
    pool = weights.Pool(budget=2_000_000)
    pool.get("a", lambda: Weights(2))
    with pytest.raises(ZeroDivisionError):
        pool.get("b", lambda: 1 / 0)
    assert pool.keys == ["a"]
    assert isinstance(pool.get("b", lambda: Weights(1)), Weights)  # and does not bar the next try


def test_one_thread_loads_while_the_others_wait() -> None:
    pool, made, barrier = weights.Pool(budget=10**9), [], threading.Barrier(4)

    def load() -> Weights:
        made.append(1)
        return Weights(1)

    def work() -> None:
        barrier.wait()
        pool.get("a", load)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_what_does_not_fit_is_computed_in_halves_and_said() -> None:
    said: list[str] = []

    def compute(items: list[int]) -> list[int]:
        if len(items) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [2 * item for item in items]

    assert memory.halving(compute, [1, 2, 3, 4, 5, 6, 7], said.append) == [2, 4, 6, 8, 10, 12, 14]
    assert said[0] == "Out of memory with 7 texts at once; going on with 4."
    with pytest.raises(UserError, match="shorten it"):
        memory.halving(lambda items: compute([0] * 3), [1])
    with pytest.raises(RuntimeError, match="other"):
        memory.halving(lambda items: (_ for _ in ()).throw(RuntimeError("other")), [1, 2])
