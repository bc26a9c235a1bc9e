"""A model's shapes from its ``config.json``: every weight matrix, and what each layer keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.serving import attention, feed_forward
from agent.serving.caches import Cache
from agent.serving.configuration import Configuration, UnknownModel
from agent.serving.modules import Module, Part, count

LAYERS = 1000
"""No model has more; a damaged file may say otherwise."""

_KNOWN = frozenset(
    (
        *("deepseek_v2", "deepseek_v3", "deepseek_v32", "glm4_moe", "gpt_oss"),
        *("iquestcoder", "iquestloopcoder", "llama", "minimax_m2", "ministral3", "mistral"),
        *("mixtral", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "qwen3_next"),
    )
)
_FULL, _SLIDING, _LINEAR = "full_attention", "sliding_attention", "linear_attention"


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a model is made of."""

    modules: tuple[Module, ...]
    """What a server loads."""
    left_out: tuple[Module, ...]
    """What the files have and a server does not load: layers that guess further tokens."""
    caches: tuple[Cache, ...]
    layers: int
    hidden: int
    vocabulary: int
    heads: int
    kv_heads: int
    """Heads that are kept; 1 for latents, which are not cut."""
    dense_width: int
    """Inner width of the widest dense network that every token goes through."""
    expert_width: int
    """Inner width of one expert; 0 without experts."""
    experts_chosen: int
    state_heads: int
    """Heads of linear attention, which tensor parallelism must divide too; 0 without."""
    window: int | None
    """Tokens that the model was made for."""
    data_type: str
    notes: tuple[str, ...]

    @property
    def parameters(self) -> int:
        """Parameters that a server loads."""
        return count(self.modules)


def read(raw: Mapping[str, Any]) -> Architecture:
    """The architecture that a parsed ``config.json`` describes.

    Raises:
        UnknownModel: A size is missing or absurd, or the model has a kind of layer not known here.
    """
    config = Configuration(raw)
    layers = config.number("num_hidden_layers")
    if layers > LAYERS:
        raise UnknownModel(f"config.json: {layers} layers; no model has more than {LAYERS}")
    kinds = _kinds(config, layers)
    modules, caches = _body(config, kinds)
    heads, kept, _ = attention.heads_of(config)
    sparse = any(feed_forward.is_sparse(config, layer) for layer in range(layers))
    return Architecture(
        modules=(*modules, *_ends(config)),
        left_out=_guessing_layers(config, layers),
        caches=caches,
        layers=layers,
        hidden=config.number("hidden_size"),
        vocabulary=config.number("vocab_size"),
        heads=heads,
        kv_heads=1 if config.has("kv_lora_rank") else kept,
        dense_width=_dense_width(config, layers),
        expert_width=feed_forward.expert_size(config) if sparse else 0,
        experts_chosen=feed_forward.chosen(config) if sparse else 0,
        state_heads=config.number("linear_num_key_heads") if _LINEAR in kinds else 0,
        window=_window(config),
        data_type=config.word("dtype", "torch_dtype") or "bfloat16",
        notes=tuple(_notes(config)),
    )


def _kinds(config: Configuration, layers: int) -> list[str]:
    """The kind of attention of each layer."""
    kinds = config.items("layer_types")[:layers]
    if config.has("attn_type_list") and set(config.items("attn_type_list")) != {1}:
        raise UnknownModel("lightning attention (attn_type_list with other than 1) is not known")
    if not kinds:
        kinds = [_kind(config, layer) for layer in range(layers)]
    if len(kinds) < layers:
        raise UnknownModel(f"config.json: layer_types names {len(kinds)} of {layers} layers")
    for kind in kinds:
        if kind not in (_FULL, _SLIDING, _LINEAR):
            raise UnknownModel(f"a layer of kind {kind!r} is not known")
    return kinds


def _kind(config: Configuration, layer: int) -> str:
    if config.family == "qwen3_next":
        every = config.number("full_attention_interval", default=4)
        return _LINEAR if (layer + 1) % every else _FULL
    if config.has("sliding_window_pattern"):
        return _SLIDING if (layer + 1) % config.number("sliding_window_pattern") else _FULL
    slides = config.has("sliding_window") and config.flag("use_sliding_window", default=True)
    return _SLIDING if slides else _FULL


def _body(config: Configuration, kinds: list[str]) -> tuple[list[Module], tuple[Cache, ...]]:
    modules: list[Module] = []
    caches: list[Cache] = []
    for layer, kind in enumerate(kinds):
        found, cache = _attention(config, f"model.layers.{layer}", kind)
        modules += found + _rest(config, layer)
        caches += [cache, *_loops(config, cache)]
        if config.family == "iquestloopcoder":
            modules.append(_loop_gate(config, layer))
    return modules, tuple(caches)


def _attention(config: Configuration, prefix: str, kind: str) -> tuple[list[Module], Cache]:
    if kind == _LINEAR:
        return attention.delta_network(config, f"{prefix}.linear_attn")
    if config.has("kv_lora_rank"):
        return attention.latent(config, f"{prefix}.self_attn")
    window = config.number("sliding_window") if kind == _SLIDING else None
    return attention.grouped(config, f"{prefix}.self_attn", window)


def _rest(config: Configuration, layer: int) -> list[Module]:
    prefix = f"model.layers.{layer}"
    norms = Module(f"{prefix}.norms", Part.NORM, 2 * config.number("hidden_size"), pieces=1)
    if feed_forward.is_sparse(config, layer):
        return [norms, *feed_forward.sparse(config, f"{prefix}.mlp")]
    return [norms, *feed_forward.dense(config, f"{prefix}.mlp")]


def _loops(config: Configuration, first: Cache) -> Iterator[Cache]:
    """What a looped model keeps of its further passes: a short window each.

    https://github.com/vllm-project/vllm/blob/main/vllm/model_executor/models/iquest_loopcoder.py
    """
    if config.family == "iquestloopcoder":
        window = config.number("loop_window_size", default=64)
        for _ in range(config.number("loop_num", default=2) - 1):
            yield Cache(numbers=first.numbers, window=window, pieces=first.pieces)


def _loop_gate(config: Configuration, layer: int) -> Module:
    heads, _, size = attention.heads_of(config)
    return Module(f"model.gate_projections.{layer}", Part.ATTENTION, heads, size, vectors=heads)


def _ends(config: Configuration) -> list[Module]:
    words, hidden = config.number("vocab_size"), config.number("hidden_size")
    ends = [
        Module("model.embed_tokens", Part.EMBEDDING, words, hidden),
        Module("model.norm", Part.NORM, hidden, pieces=1),
    ]
    if not config.flag("tie_word_embeddings"):
        ends.append(Module("lm_head", Part.HEAD, words, hidden))
    return ends


def _guessing_layers(config: Configuration, layers: int) -> tuple[Module, ...]:
    """Multi-token prediction: whole layers, each with a matrix that joins two inputs.

    The files hold the embedding and the head once more for each.
    """
    words, hidden = config.number("vocab_size"), config.number("hidden_size")
    found: list[Module] = []
    for layer in range(layers, layers + _guesses(config)):
        prefix = f"model.layers.{layer}"
        found += _attention(config, prefix, _FULL)[0] + _rest(config, layer)
        found += [
            Module(f"{prefix}.eh_proj", Part.MLP, hidden, 2 * hidden, vectors=3 * hidden),
            Module(f"{prefix}.embed_tokens", Part.EMBEDDING, words, hidden),
            Module(f"{prefix}.shared_head.head", Part.HEAD, words, hidden),
        ]
    return tuple(found)


def _guesses(config: Configuration) -> int:
    return min(config.number("num_nextn_predict_layers", default=0, least=0), LAYERS)


def _dense_width(config: Configuration, layers: int) -> int:
    if all(feed_forward.is_sparse(config, layer) for layer in range(layers)):
        return feed_forward.shared_size(config)
    return config.number("intermediate_size")


def _window(config: Configuration) -> int | None:
    known = config.has("max_position_embeddings")
    return config.number("max_position_embeddings") if known else None


def _notes(config: Configuration) -> Iterator[str]:
    if config.family not in _KNOWN:
        named = config.family or "no model_type"
        yield f"{named}: not a family known here; counted as a model of the Llama kind"
    if config.sees_pictures:
        yield "the part of the model that sees pictures is not counted"
