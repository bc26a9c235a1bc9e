"""The second half of a layer: one dense network, or a router and its experts."""

from agent.serving.configuration import Configuration
from agent.serving.modules import Module, Part

_WHOLE_SIZE = ("mixtral", "minimax_m2", "gpt_oss")
"""Families whose ``intermediate_size`` is one expert's; the others have one for dense layers."""


def expert_count(config: Configuration) -> int:
    """Experts of one layer; 0 for a dense model."""
    return config.number("num_experts", "n_routed_experts", "num_local_experts", default=0, least=0)


def expert_size(config: Configuration) -> int:
    """Inner width of one expert."""
    if config.family in _WHOLE_SIZE:
        return config.number("intermediate_size")
    return config.number("moe_intermediate_size")


def chosen(config: Configuration) -> int:
    """Experts that one token goes through."""
    return config.number("num_experts_per_tok", "experts_per_token", default=1)


def shared_size(config: Configuration) -> int:
    """Inner width of the experts that every token goes through; 0 where there are none."""
    if config.has("shared_expert_intermediate_size"):
        return config.number("shared_expert_intermediate_size", least=0)
    several = config.number("n_shared_experts", default=0, least=0)
    return several * expert_size(config) if several else 0


def is_sparse(config: Configuration, layer: int) -> bool:
    """Whether the layer, counted from 0, has experts."""
    if not expert_count(config) or layer in config.items("mlp_only_layers"):
        return False
    if layer < config.number("first_k_dense_replace", default=0, least=0):
        return False
    if layer % config.number("moe_layer_freq", default=1):
        return False
    return (layer + 1) % config.number("decoder_sparse_step", default=1) == 0


def dense(config: Configuration, prefix: str, width: int | None = None) -> list[Module]:
    """Gate, up and down."""
    hidden = config.number("hidden_size")
    inner = config.number("intermediate_size") if width is None else width
    return [
        Module(f"{prefix}.gate_proj", Part.MLP, inner, hidden),
        Module(f"{prefix}.up_proj", Part.MLP, inner, hidden),
        Module(f"{prefix}.down_proj", Part.MLP, hidden, inner),
    ]


def sparse(config: Configuration, prefix: str) -> list[Module]:
    """The router, the experts, and the shared expert where there is one."""
    hidden, experts, inner = config.number("hidden_size"), expert_count(config), expert_size(config)
    biased = config.family == "gpt_oss"
    corrected = biased or config.family in ("deepseek_v3", "deepseek_v32", "glm4_moe")
    corrected = corrected or config.flag("use_routing_bias")

    def expert(name: str, rows: int, columns: int) -> Module:
        vectors = rows * experts if biased else 0
        name = f"{prefix}.experts.0.{name}"
        return Module(name, Part.EXPERTS, rows, columns, vectors=vectors, copies=experts)

    modules = [
        Module(
            f"{prefix}.router" if biased else f"{prefix}.gate",
            Part.ROUTER,
            experts,
            hidden,
            vectors=experts if corrected else 0,
            pieces=1,
        ),
        expert("gate_proj", inner, hidden),
        expert("up_proj", inner, hidden),
        expert("down_proj", hidden, inner),
    ]
    if width := shared_size(config):
        modules += dense(config, f"{prefix}.shared_experts", width)
        if config.has("shared_expert_intermediate_size"):
            modules.append(Module(f"{prefix}.shared_expert_gate", Part.ROUTER, 1, hidden, pieces=1))
    return modules
