"""What servers hold against a history, as an independent check of what a client sends.

The rules: https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages, and
what templates of Mistral, Llama and Gemma insist on.
"""

import json
from collections.abc import Sequence
from typing import Any


def faults_of(messages: Sequence[dict[str, Any]]) -> list[str]:
    """One line for each thing that some server would refuse; empty for a sound history."""
    faults: list[str] = []
    open_calls: list[str] = []
    for place, message in enumerate(messages):
        role, content = message["role"], message.get("content")
        if open_calls and role != "tool":
            faults.append(f"{place}: calls {open_calls} were not answered")
            open_calls = []
        if role == "system" and place:
            faults.append(f"{place}: the system speaks late")
        if role in ("user", "assistant") and place and messages[place - 1]["role"] == role:
            faults.append(f"{place}: two of {role} in a row")
        if role == "tool":
            if message["tool_call_id"] not in open_calls:
                faults.append(f"{place}: a result that nobody asked for")
            else:
                open_calls.remove(message["tool_call_id"])
        calls = message.get("tool_calls", [])
        if role == "assistant" and not calls and not content:
            faults.append(f"{place}: a reply that says nothing")
        if "tool_calls" in message and not calls:
            faults.append(f"{place}: an empty list of calls")
        open_calls += [call["id"] for call in calls]
        if len(set(open_calls)) != len(open_calls):
            faults.append(f"{place}: an id twice")
        faults += [f"{place}: {fault}" for call in calls for fault in _call_faults(call)]
        if isinstance(content, str) and _unencodable(content):
            faults.append(f"{place}: text that no server can take")
    if open_calls:
        faults.append(f"at the end calls {open_calls} were not answered")
    return faults


def _call_faults(call: dict[str, Any]) -> list[str]:
    try:
        arguments = json.loads(call["function"]["arguments"])
    except ValueError:
        return ["arguments that are no JSON"]
    if not isinstance(arguments, dict):
        return ["arguments that are no object"]
    return ["text that no server can take"] if _unencodable(call["function"]["arguments"]) else []


def _unencodable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)
