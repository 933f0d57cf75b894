"""What differs between architectures: their family, where their blocks are, and what their linear layers are called.

Knows nothing of single models, of torch or of transformers; a new architecture is one entry of KINDS.
"""

from dataclasses import dataclass

FAMILIES = ("encoder", "seq2seq", "causal", "remote")
CHOICES = ("q,v", "q,v,o", "attention", "all-linear")
"""Which linear layers of a block get an adapter, as a run says it."""
HEAD = "classification_head"
"""What T5 calls its head; PEFT trains and saves it only where it is told to."""


@dataclass(frozen=True)
class Kind:
    """One architecture: names of its linear layers as PEFT matches them, by their ends, and of its list of blocks.

    Where query, key and value are one fused layer, all three fields name it, and every choice takes it whole.
    `apart` is a pattern of modules that never get an adapter: what reads images in a model that reads text here.
    """

    family: str
    query: str
    key: str
    value: str
    out: str
    feed_forward: tuple[str, ...]
    blocks: str
    apart: str | None = None

    def targets(self, choice: str) -> tuple[str, ...]:
        """Return the names of the layers of a choice, each once."""
        names = {
            "q,v": (self.query, self.value),
            "q,v,o": (self.query, self.value, self.out),
            "attention": (self.query, self.key, self.value, self.out),
            "all-linear": (self.query, self.key, self.value, self.out, *self.feed_forward),
        }[choice]
        return tuple(dict.fromkeys(names))


_GATED = ("gate_proj", "up_proj", "down_proj")
_BERT = ("attention.output.dense", ("intermediate.dense", "output.dense"), "layer")


def _decoder(feed_forward: tuple[str, ...] = _GATED, apart: str | None = None) -> Kind:
    return Kind("causal", "q_proj", "k_proj", "v_proj", "o_proj", feed_forward, "layers", apart)


KINDS = {
    "bert": Kind("encoder", "query", "key", "value", *_BERT),
    "deberta-v2": Kind("encoder", "query_proj", "key_proj", "value_proj", *_BERT),
    "modernbert": Kind("encoder", "Wqkv", "Wqkv", "Wqkv", "attn.Wo", ("mlp.Wi", "mlp.Wo"), "layers"),
    "t5": Kind("seq2seq", "q", "k", "v", "o", ("wi", "wi_0", "wi_1", "wo"), "block"),
    "llama": _decoder(),
    "mistral": _decoder(),
    # The experts of a Mixtral block are two tensors, not linear layers: an adapter stands on its attention alone.
    "mixtral": _decoder(feed_forward=()),
    "qwen2": _decoder(),
    "qwen3": _decoder(),
    "gemma": _decoder(),
    "gemma2": _decoder(),
    "gemma3_text": _decoder(),
    "gemma3": _decoder(apart=r".*(vision_tower|multi_modal_projector).*"),
    "falcon": Kind(
        "causal",
        "query_key_value",
        "query_key_value",
        "query_key_value",
        "self_attention.dense",
        ("dense_h_to_4h", "dense_4h_to_h"),
        "h",
    ),
}
