"""Makes a tiny model folder that a real vLLM serves: random weights, or answers that are scripted.

    VENV/bin/python tests/vllm/tiny_model.py FOLDER [--script tests/vllm/script.json]

It shows what servers, parsers and caches do; it shows nothing about models. Nothing is downloaded:
the tokenizer is trained on Python's own library, the weights are random numbers from a seed.

Random weights never close a string. So one lane of the hidden state is the same for every token,
which makes a row of the output matrix's first column a bias: ends and quotes are made likely.

A script is a table from a sign, which is a text that the messages hold, to answers, one for each
turn; an answer is a list of pieces of text. The chat template writes one special token that stands
for the answer that is due: it looks for the signs and counts the replies. From there on every token
is decided: one attention head copies the answer's lane from the special token to every later
place, and for each step one neuron of the MLP, open only for this answer *and* this last token,
writes the next token's direction. So an unmodified server, with its real parser, streaming and
cache, says word for word what a test wants.
"""

import argparse
import json
import math
import sysconfig
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 4096
HIDDEN, HEADS, KV_HEADS, HEAD, LAYERS = 320, 5, 1, 64, 2
INNER = 512
POSITIONS = 131_072
SEED = 11
NOISE = 0.006
"""Scale of the layers' weights: enough to mix, too little to drown what the lanes say."""
TRAINED_ON = ("*.py", "json/*.py", "email/*.py", "http/*.py", "unittest/*.py")

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TAGS = ("<tool_call>", "</tool_call>", "<think>", "</think>")
BIAS, SAYS = 0, 1
ANSWERS = slice(2, 2 + HEAD // 2)
"""One lane for each answer; the copying head has as many."""
WORDS = slice(ANSWERS.stop, HIDDEN)
"""What tokens are told apart by."""


def train_tokenizer(pieces: list[str], answers: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    library = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(str(path) for pattern in TRAINED_ON for path in library.glob(pattern))
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train(files[:300], trainer)
    special = [*SPECIAL, *(say(number) for number in range(answers))]
    tokenizer.add_special_tokens([AddedToken(text, normalized=False) for text in special])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in (*TAGS, *pieces)])
    return tokenizer


def say(answer: int) -> str:
    """The special token that stands for an answer."""
    return f"<|say_{answer}|>"


def random_weights(size: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
    def noise(*shape: int, scale: float) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * scale

    width = WORDS.stop - WORDS.start
    embedding = torch.zeros(size, HIDDEN)
    embedding[:, BIAS] = 1.0
    embedding[:, WORDS] = noise(size, width, scale=1 / math.sqrt(width))
    output = torch.zeros(size, HIDDEN)
    output[:, WORDS] = noise(size, width, scale=0.1)
    weights = {"model.embed_tokens.weight": embedding, "lm_head.weight": output}
    weights["model.norm.weight"] = torch.ones(HIDDEN)
    shapes = {
        "self_attn.q_proj": (HEADS * HEAD, HIDDEN), "self_attn.k_proj": (KV_HEADS * HEAD, HIDDEN),
        "self_attn.v_proj": (KV_HEADS * HEAD, HIDDEN), "self_attn.o_proj": (HIDDEN, HEADS * HEAD),
        "mlp.gate_proj": (INNER, HIDDEN), "mlp.up_proj": (INNER, HIDDEN),
        "mlp.down_proj": (HIDDEN, INNER),
    }  # fmt: skip
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        for name, shape in shapes.items():
            made = noise(*shape, scale=NOISE)
            if shape[0] == HIDDEN:
                made[: WORDS.start] = 0  # the lanes that mean something are left alone
            weights[f"{prefix}{name}.weight"] = made
        for norm in ("input_layernorm", "post_attention_layernorm"):
            weights[f"{prefix}{norm}.weight"] = torch.ones(HIDDEN)
    return weights


def prefer(weights: dict[str, torch.Tensor], tokenizer: Tokenizer, answers: int) -> None:
    """Make answers end, strings close, and tokens that only a script may say never come up."""
    bias = weights["lm_head.weight"][:, BIAS]
    used = tokenizer.get_vocab_size()
    bias[used:] = -9.0
    for text, odds in (('"', 12), ('",', 30), ('"}', 30), ("}", 40), ("<|im_end|>", 70)):
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        if len(ids) == 1:
            bias[ids[0]] = (math.log(VOCABULARY / odds) + 0.7) / 12
    for text in (*SPECIAL[:2], *TAGS, *(say(number) for number in range(answers))):
        bias[tokenizer.token_to_id(text)] = -4.0


def install(
    weights: dict[str, torch.Tensor], tokenizer: Tokenizer, answers: list[list[str]]
) -> None:
    """Write the script into the weights."""
    embedding, output = weights["model.embed_tokens.weight"], weights["lm_head.weight"]
    _install_copying(weights)
    gate, up, down = (
        weights[f"model.layers.1.mlp.{n}_proj.weight"] for n in ("gate", "up", "down")
    )
    steps = []
    for number, pieces in enumerate(answers):
        lane = ANSWERS.start + number
        start = tokenizer.token_to_id(say(number))
        embedding[start, SAYS] = 1.0
        embedding[start, lane] = 1.0
        ids = [tokenizer.token_to_id(piece) for piece in pieces]
        end = tokenizer.token_to_id("<|im_end|>")
        steps += [(lane, now, then) for now, then in zip([start, *ids], [*ids, end], strict=True)]
    assert len(steps) <= INNER, f"{len(steps)} steps for {INNER} neurons"
    assert len({step[:2] for step in steps}) == len(steps), "a piece twice in one answer"
    for neuron, (lane, now, then) in enumerate(steps):
        word = embedding[now, WORDS]
        gate[neuron] = up[neuron] = down[:, neuron] = 0
        # Both together lift the gate over its threshold, either alone leaves it shut.
        gate[neuron, WORDS] = 8.0 * word
        gate[neuron, lane] = 8.0
        gate[neuron, BIAS] = -11.0
        up[neuron, BIAS] = 1.0
        direction = output[then, WORDS]
        down[WORDS, neuron] = direction / direction.norm() * 4.0
        # A bias of its own would let a random answer say what only a script may.
        if output[then, BIAS] <= 0:
            output[then, BIAS] = -1.0


def _install_copying(weights: dict[str, torch.Tensor]) -> None:
    """Head 0 of layer 0 looks at the special token from wherever it is and copies its lane.

    Query and key use the pair of dimensions that RoPE turns most slowly, so that the distance does
    not matter; the score must beat a hundred thousand other places.
    """
    prefix = "model.layers.0.self_attn."
    query, key = weights[f"{prefix}q_proj.weight"], weights[f"{prefix}k_proj.weight"]
    value, out = weights[f"{prefix}v_proj.weight"], weights[f"{prefix}o_proj.weight"]
    for matrix in (query, key, value):
        matrix[:HEAD] = 0
    out[:, :HEAD] = 0
    slowest = HEAD // 2 - 1
    query[slowest, BIAS] = 40.0
    key[slowest, SAYS] = 4.0
    for number in range(HEAD // 2):
        value[number, ANSWERS.start + number] = 1.0
        out[ANSWERS.start + number, number] = 0.1


def config(size: int, tokenizer: Tokenizer) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN,
        "intermediate_size": INNER, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS, "head_dim": HEAD, "vocab_size": size,
        "max_position_embeddings": POSITIONS, "rms_norm_eps": 1e-6, "hidden_act": "silu",
        "rope_theta": 1e7, "attention_bias": False, "mlp_bias": False,
        "tie_word_embeddings": False, "torch_dtype": "bfloat16",
        "eos_token_id": tokenizer.token_to_id("<|im_end|>"),
        "pad_token_id": tokenizer.token_to_id("<|endoftext|>"), "bos_token_id": None,
    }  # fmt: skip


def chat_template(script: dict[str, tuple[int, int]]) -> str:
    """The template beside this file, with the table of signs: first answer, and how many."""
    source = Path(__file__).with_name("chat_template.jinja").read_text()
    return source.replace("@script@", json.dumps(script))


def build(folder: Path, script: dict[str, list[list[str]]]) -> None:
    """Write the model's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    answers = [answer for turns in script.values() for answer in turns]
    assert len(answers) <= HEAD // 2, f"{len(answers)} answers for {HEAD // 2} lanes"
    table, first = {}, 0
    for sign, turns in script.items():
        table[sign] = (first, len(turns))
        first += len(turns)
    pieces = list(dict.fromkeys(p for answer in answers for p in answer if p not in TAGS))
    tokenizer = train_tokenizer(pieces, len(answers))
    size = -(-tokenizer.get_vocab_size() // 64) * 64
    torch.set_num_threads(1)
    weights = random_weights(size, torch.Generator().manual_seed(SEED))
    prefer(weights, tokenizer, len(answers))
    install(weights, tokenizer, answers)
    stored = {name: matrix.to(torch.bfloat16).contiguous() for name, matrix in weights.items()}
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(chat_template(table))
    write_json(folder / "config.json", config(size, tokenizer))
    ends = [tokenizer.token_to_id(text) for text in ("<|im_end|>", "<|endoftext|>")]
    write_json(folder / "generation_config.json", {"eos_token_id": ends})
    described = {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": POSITIONS,
        "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
        "clean_up_tokenization_spaces": False,
    }  # fmt: skip
    write_json(folder / "tokenizer_config.json", described)


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--script", type=Path, help="what the model says, and when")
    arguments = parser.parse_args()
    script = json.loads(arguments.script.read_text()) if arguments.script else {}
    build(arguments.folder, script)


if __name__ == "__main__":
    main()
