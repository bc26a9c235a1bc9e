"""The plan's figures against published ones; each sample says where its figures are from."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.serving import architecture, checkpoint, quantisation
from agent.serving.architecture import Architecture
from agent.serving.caches import Conversations
from agent.serving.modules import Part, count
from agent.serving.weights import Weights, weigh

SAMPLES = Path(__file__).parents[2] / "samples" / "models"


def cases() -> list[Any]:
    found = []
    for path in sorted(SAMPLES.glob("*.json")):
        sample = json.loads(path.read_text())
        for figure in sample["published"]:
            name = f"{path.stem}-{figure['what']}-{figure['value']:.3e}"
            found.append(pytest.param(sample, figure, id=name))
    return found


def configuration(sample: dict[str, Any]) -> dict[str, Any]:
    if "config" in sample:
        return dict(sample["config"])
    known = checkpoint.find(sample["checkpoint"], config=None, hub_cache=Path("/nowhere"))
    return dict(known.config)


def weights(sample: dict[str, Any], storage: str | None) -> Weights:
    config = configuration(sample)
    stored = quantisation.read(config.get("quantization_config"))
    weighed = weigh(architecture.read(config), stored, None)
    return weighed.stored_as(quantisation.INT4_CHECKPOINT) if storage == "int4" else weighed


def conversations(shapes: Architecture) -> Conversations:
    return Conversations(shapes.caches, number_bytes=2, gpus=1, in_flight=0)


def measured(sample: dict[str, Any], figure: dict[str, Any]) -> float:
    weighed = weights(sample, figure.get("storage"))
    shapes = weighed.architecture
    ends = count(shapes.modules, Part.EMBEDDING) + count(shapes.modules, Part.HEAD)
    match figure["what"]:
        case "parameters":
            return shapes.parameters
        case "all_parameters":
            return shapes.parameters + count(shapes.left_out)
        case "unique_left_out_parameters":
            shared = count(shapes.left_out, Part.EMBEDDING) + count(shapes.left_out, Part.HEAD)
            return count(shapes.left_out) - shared
        case "feed_forward_parameters":
            parts = (Part.MLP, Part.EXPERTS, Part.ROUTER)
            return sum(count(shapes.modules, part) for part in parts)
        case "attention_parameters":
            return count(shapes.modules, Part.ATTENTION)
        case "end_parameters":
            return ends
        case "inner_parameters":
            return shapes.parameters - ends
        case "weight_bytes":
            return weighed.total
        case "kv_bytes_per_token":
            return conversations(shapes).token
        case "window_bytes":
            return conversations(shapes).bytes_each(figure["tokens"])
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize(("sample", "figure"), cases())
def test_a_published_figure_is_met(sample: dict[str, Any], figure: dict[str, Any]) -> None:
    assert figure["source"]
    found = measured(sample, figure)
    assert found == pytest.approx(figure["value"], rel=figure["tolerance"], abs=0)


def test_every_checkpoint_that_comes_along_can_be_planned() -> None:
    for name in checkpoint.known():
        found = checkpoint.find(name, config=None, hub_cache=Path("/nowhere"))
        shapes = architecture.read(found.config)
        assert shapes.parameters > 10**9, name
        assert shapes.window is not None
        assert not shapes.notes
        assert found.source
