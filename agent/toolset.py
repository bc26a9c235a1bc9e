"""The tools as a model is told of them."""

from typing import Any

from agent.model.base import ToolSchema
from prompts import render
from tools.actions.base import Action
from tools.actions.catalogue import ACTIONS


def tool_schemas() -> list[ToolSchema]:
    """All tools, in the order of the table."""
    return [tool_schema(action) for action in ACTIONS.values()]


def tool_schema(action: Action[Any]) -> ToolSchema:
    """One tool."""
    return ToolSchema(
        name=action.name,
        description=render(f"tools/{action.name}"),
        parameters=_without_titles(action.arguments.model_json_schema()),
    )


def _without_titles(schema: Any) -> Any:
    """Drop what pydantic adds for documentation: class names and docstrings are not prompts."""
    if isinstance(schema, dict):
        dropped = ("title", "description")
        return {k: _without_titles(v) for k, v in schema.items() if k not in dropped}
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return schema
