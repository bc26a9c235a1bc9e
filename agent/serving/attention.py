"""The attention of one layer: its weight matrices and what it keeps of a conversation.

Three kinds: grouped-query attention over everything or over a window; multi-head latent attention
(DeepSeek, arXiv 2412.19437 section 2.1.1), with the indexer of DeepSeek-V3.2 where there is one;
and the gated delta network of Qwen3-Next, which keeps a state of fixed size instead of keys and
values.
"""

from agent.serving.caches import Cache
from agent.serving.configuration import Configuration
from agent.serving.modules import Module, Part

_STATE_BYTES = 4  # vLLM keeps the states of linear attention in 32 bits, what it convolves in 16
_CONVOLUTION_BYTES = 2
_INDEX_SHARED_SCALE = 128  # so many 8-bit numbers of the indexer's keys have one 32-bit scale


def grouped(config: Configuration, prefix: str, window: int | None) -> tuple[list[Module], Cache]:
    """Grouped-query attention; ``window`` in tokens, or None for all."""
    hidden = config.number("hidden_size")
    heads, shared, size = heads_of(config)
    asked = heads * size * (2 if _gated(config) else 1)
    kept = shared * size
    biased = config.flag("attention_bias") or config.family in ("qwen2", "qwen2_moe")
    biased_output = config.flag("attention_bias") and config.family in ("llama", "gpt_oss")

    def matrix(name: str, rows: int, columns: int, *, bias: bool, pieces: int | None) -> Module:
        vectors = rows if bias else 0
        return Module(
            f"{prefix}.{name}", Part.ATTENTION, rows, columns, vectors=vectors, pieces=pieces
        )

    modules = [
        matrix("q_proj", asked, hidden, bias=biased, pieces=None),
        matrix("k_proj", kept, hidden, bias=biased, pieces=shared),
        matrix("v_proj", kept, hidden, bias=biased, pieces=shared),
        matrix("o_proj", hidden, heads * size, bias=biased_output, pieces=None),
    ]
    if small := _norms(config, heads, shared, size) + (heads if config.family == "gpt_oss" else 0):
        modules.append(Module(f"{prefix}.norm", Part.NORM, small, pieces=1))
    return modules, Cache(numbers=2 * kept, window=window, pieces=shared)


def heads_of(config: Configuration) -> tuple[int, int, int]:
    """Heads that ask, heads that are kept, and numbers in one head."""
    heads = config.number("num_attention_heads")
    shared = config.number("num_key_value_heads", default=heads)
    return heads, shared, config.number("head_dim", default=config.number("hidden_size") // heads)


def _gated(config: Configuration) -> bool:
    return config.family == "qwen3_next"


def _norms(config: Configuration, heads: int, shared: int, size: int) -> int:
    if config.flag("use_qk_norm") and config.word("qk_norm_type") == "per_layer":
        return (heads + shared) * size
    normed = config.family in ("qwen3", "qwen3_moe", "qwen3_next")
    return 2 * size if normed or config.flag("use_qk_norm") else 0


def latent(config: Configuration, prefix: str) -> tuple[list[Module], Cache]:
    """Multi-head latent attention: one latent and one rotary key a token, for all heads.

    vLLM keeps the latents whole on each GPU.
    """
    hidden, heads = config.number("hidden_size"), config.number("num_attention_heads")
    rank, rotary = config.number("kv_lora_rank"), config.number("qk_rope_head_dim")
    plain, valued = config.number("qk_nope_head_dim"), config.number("v_head_dim")
    modules = [
        _whole(f"{prefix}.kv_a_proj_with_mqa", rank + rotary, hidden, rank),
        _split(f"{prefix}.kv_b_proj", heads * (plain + valued), rank),
        _split(f"{prefix}.o_proj", hidden, heads * valued),
    ]
    if config.has("q_lora_rank"):
        low = config.number("q_lora_rank")
        modules.append(_whole(f"{prefix}.q_a_proj", low, hidden, low))
        modules.append(_split(f"{prefix}.q_b_proj", heads * (plain + rotary), low))
    else:
        modules.append(_split(f"{prefix}.q_proj", heads * (plain + rotary), hidden))
    octets = 0
    if config.has("index_n_heads"):
        index, octets = _indexer(config, prefix)
        modules += index
    return modules, Cache(numbers=rank + rotary, octets=octets, pieces=1)


def _indexer(config: Configuration, prefix: str) -> tuple[list[Module], int]:
    """Its matrices, whole on each GPU, and the bytes that its 8-bit keys take for each token."""
    hidden, low = config.number("hidden_size"), config.number("q_lora_rank")
    heads, size = config.number("index_n_heads"), config.number("index_head_dim")
    modules = [
        _whole(f"{prefix}.indexer.wq_b", heads * size, low),
        _whole(f"{prefix}.indexer.wk", size, hidden, 2 * size),
        _whole(f"{prefix}.indexer.weights_proj", heads, hidden),
    ]
    return modules, size + size // _INDEX_SHARED_SCALE * 4


def delta_network(config: Configuration, prefix: str) -> tuple[list[Module], Cache]:
    """The gated delta network: a matrix for each value head, and the last steps of a convolution.

    https://github.com/huggingface/transformers/tree/main/src/transformers/models/qwen3_next
    """
    hidden = config.number("hidden_size")
    keys, values = config.number("linear_num_key_heads"), config.number("linear_num_value_heads")
    key, value = config.number("linear_key_head_dim"), config.number("linear_value_head_dim")
    steps = config.number("linear_conv_kernel_dim", default=4)
    mixed = 2 * keys * key + values * value
    modules = [
        _split(f"{prefix}.in_proj_qkvz", mixed + values * value, hidden),
        _split(f"{prefix}.in_proj_ba", 2 * values, hidden),
        _split(f"{prefix}.out_proj", hidden, values * value),
        Module(f"{prefix}.conv1d", Part.NORM, mixed, steps, vectors=2 * values + value),
    ]
    state = values * key * value * _STATE_BYTES + mixed * (steps - 1) * _CONVOLUTION_BYTES
    return modules, Cache(state=state, pieces=keys)


def _split(name: str, rows: int, columns: int) -> Module:
    return Module(name, Part.ATTENTION, rows, columns)


def _whole(name: str, rows: int, columns: int, vectors: int = 0) -> Module:
    return Module(name, Part.ATTENTION, rows, columns, vectors=vectors, pieces=1)
