"""Tiny random checkpoints of every architecture, with a tokenizer of their own, built in a folder of the tests.

Nothing is downloaded. The byte-level tokenizer knows every text; the words the tasks use are single tokens or few.
"""

from pathlib import Path

import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors, trainers
from tokenizers.models import BPE

from models import lent, loading
from models.bases import BASES, Base, register
from models.opening import opened
from models.weights import pool

SPECIAL = ["<pad>", "<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>"]
CORPUS = [
    "awful nausea useless pain worse negative",
    "some help mild tired mixed neutral",
    "great relief works happy saved positive",
    "Which of these fits: negative, neutral or positive? Answer: yes no maybe user assistant",
] * 20
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SIZE = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
_ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_WIDE = 0.3  # spread of the random weights: with the usual 0.02 no adapter could make a token of these likely
_CAUSAL = {**_SIZE, **_ENDS, "num_key_value_heads": 2, "max_position_embeddings": 512, "initializer_range": _WIDE}


def _with_images(vocab_size: int) -> hf.Gemma3Config:
    """Return the settings of a model that could read images as well, as the larger Gemma 3 and MedGemma can."""
    text = {**_CAUSAL, "head_dim": 8, "sliding_window": 64, "layer_types": ["sliding_attention", "full_attention"]}
    image = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
    return hf.Gemma3Config(
        text_config={**text, "vocab_size": vocab_size},
        vision_config={**image, "image_size": 28, "patch_size": 14},
        mm_tokens_per_image=4,
        image_token_index=3,
        boi_token_index=4,
        eoi_token_index=5,
        initializer_range=_WIDE,
    )


MODELS = {
    "bert": (hf.BertModel, hf.BertConfig, {**_SIZE, "max_position_embeddings": 256}),
    "modernbert": (
        hf.ModernBertModel,
        hf.ModernBertConfig,
        {**_SIZE, **_ENDS, "cls_token_id": 1, "sep_token_id": 2, "max_position_embeddings": 256, "local_attention": 16},
    ),
    "deberta-v2": (
        hf.DebertaV2Model,
        hf.DebertaV2Config,
        {**_SIZE, "max_position_embeddings": 256, "type_vocab_size": 0, "relative_attention": True}
        | {"position_buckets": 32, "pos_att_type": ["p2c", "c2p"], "position_biased_input": False}
        | {"share_att_key": True, "norm_rel_ebd": "layer_norm"},
    ),
    "t5": (
        hf.T5ForConditionalGeneration,
        hf.T5Config,
        {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4, "feed_forward_proj": "gated-gelu"}
        | {"decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 2, "tie_word_embeddings": False},
    ),
    "llama": (hf.LlamaForCausalLM, hf.LlamaConfig, _CAUSAL),
    "mistral": (hf.MistralForCausalLM, hf.MistralConfig, {**_CAUSAL, "sliding_window": 64}),
    "mixtral": (hf.MixtralForCausalLM, hf.MixtralConfig, {**_CAUSAL, "num_local_experts": 4}),
    "qwen3": (hf.Qwen3ForCausalLM, hf.Qwen3Config, {**_CAUSAL, "head_dim": 8}),
    "gemma3_text": (
        hf.Gemma3ForCausalLM,
        hf.Gemma3TextConfig,
        {**_CAUSAL, "head_dim": 8, "sliding_window": 64, "layer_types": ["sliding_attention", "full_attention"]},
    ),
    "qwen2": (hf.Qwen2ForCausalLM, hf.Qwen2Config, _CAUSAL),
    "gemma": (hf.GemmaForCausalLM, hf.GemmaConfig, {**_CAUSAL, "head_dim": 8}),
    "gemma2": (
        hf.Gemma2ForCausalLM,
        hf.Gemma2Config,
        {**_CAUSAL, "head_dim": 8, "sliding_window": 64, "layer_types": ["sliding_attention", "full_attention"]},
    ),
    "gemma3": (hf.Gemma3ForConditionalGeneration, _with_images, {}),
    "falcon": (
        hf.FalconForCausalLM,
        hf.FalconConfig,
        {**_SIZE, **_ENDS, "max_position_embeddings": 512, "initializer_range": _WIDE},
    ),
}
ENCODERS = ("bert", "modernbert", "deberta-v2")
MORE = ("qwen2", "gemma", "gemma2", "gemma3")
"""Kin of those below: known as well, and taken a shorter way by the tests."""
CAUSAL = ("llama", "mistral", "mixtral", "qwen3", "gemma3_text", "falcon")
TALKS = ("llama", "qwen3", "gemma3_text")
"""Those whose tokenizer has a chat template."""


def tokenizer(kind: str) -> hf.PreTrainedTokenizerFast:
    """Return a byte-level tokenizer as models of that kind have it."""
    made = Tokenizer(BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    made.train_from_iterator(CORPUS, trainer)
    form = {"t5": "$A </s>"} | dict.fromkeys(ENCODERS, "<s> $A </s>") | dict.fromkeys((*CAUSAL, *MORE), "<s> $A")
    made.post_processor = processors.TemplateProcessing(single=form[kind], special_tokens=[("<s>", 1), ("</s>", 2)])
    wrapped = hf.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
    )
    wrapped.chat_template = CHAT if kind in TALKS else None
    return wrapped


def build(kind: str, folder: Path, seed: int = 0) -> Path:
    """Write a random checkpoint of that kind below `folder` and return where it lies."""
    cls, config, said = MODELS[kind]
    torch.manual_seed(seed)
    place = folder / f"tiny-{kind}"
    words = tokenizer(kind)
    words.save_pretrained(place)
    cls(config(vocab_size=len(words), **said)).save_pretrained(place)
    return place


def registered(kind: str, folder: Path) -> Base:
    """Build a checkpoint and make it a base; where it is one already, return that."""
    held = BASES.get(f"tiny-{kind}")
    return held if held is not None and (held.folder / "config.json").is_file() else _new(build(kind, folder))


def _new(place: Path) -> Base:
    BASES.pop(place.name, None)
    return register(place)


def forget() -> None:
    """Take every tiny base back, so that other tests see the shelf as it is and make their own of the same name."""
    for name in [name for name in BASES if name.startswith("tiny-")]:
        del BASES[name]
    pool().clear()
    lent._open.cache_clear()
    opened.cache_clear()
    for kept in (loading._embeddings, loading._bodies, loading._words):
        kept.cache_clear()
