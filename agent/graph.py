"""The machine: nodes and edges, and its checkpoints. The only module that knows LangGraph.

.. code-block:: text

    prepare → locate → reproduce → ask ⇄ act ─ submitted ─→ reproduce or verify
    reproduce ─ where it is asked for ─→ first_try ─ proven ─→ publish      ─ else ─→ ask
    verify ─ proven ─→ publish      ─ refused ─→ ask      ─ spent ─→ give_up

With several candidates, what follows the reproduction is done once for each, side by side:

.. code-block:: text

    reproduce ═ Send ═→ attempt (ask ⇄ act → verify, a machine of its own) ═→ select
    select ─ proven ─→ publish      ─ none ─→ give_up
"""

import sqlite3
from collections.abc import Callable, Hashable, Mapping
from contextlib import closing
from enum import Enum
from typing import Any

from langgraph.checkpoint.base import id as ids
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send
from langsmith import tracing_context

from agent.events import Entered
from agent.kit import Kit
from agent.runs import RunError
from agent.state import Repair
from agent.steps.act import act
from agent.steps.ask import ask
from agent.steps.attempt import attempted, begin, unless_settled
from agent.steps.first_try import first_try
from agent.steps.give_up import give_up
from agent.steps.locate import locate
from agent.steps.prepare import prepare
from agent.steps.publish import publish
from agent.steps.reproduce import reproduce
from agent.steps.select import select
from agent.steps.verify import verify

Step = Callable[[Repair, Kit], dict[str, Any]]

_SUPER_STEPS = 100_000
"""The run's own budget ends it; LangGraph's bound is only kept out of its way."""


def run(kit: Kit) -> Repair:
    """Run the machine to its end, from the last checkpoint if there is one.

    Raises:
        RunError: The checkpoints cannot be read or written; they are left as they are.
    """
    try:
        with closing(sqlite3.connect(kit.folder.checkpoint, check_same_thread=False)) as connection:
            machine = _machine().compile(checkpointer=_checkpoints(connection))
            return _advance(machine, kit)
    except sqlite3.Error as error:
        raise RunError(f"{kit.folder.checkpoint}: {error}; it is left as it is") from error


def _checkpoints(connection: sqlite3.Connection) -> SqliteSaver:
    """LangGraph's checkpoints, none of which a clock that was set back can hide.

    The newest is the one with the greatest id, and ids are made of the time. So the next id is
    made to follow the greatest there is. No class is named in a checkpoint: pydantic rebuilds the
    record from plain data.
    """
    saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=()))
    saver.setup()
    (newest,) = connection.execute("SELECT max(checkpoint_id) FROM checkpoints").fetchone()
    if newest is not None:
        last = vars(ids)
        last["_last_v6_timestamp"] = max(last["_last_v6_timestamp"] or 0, ids.UUID(newest).time)
    return saver


def _advance(machine: "CompiledStateGraph[Any, Any, Any, Any]", kit: Kit) -> Repair:
    config: Any = {
        "configurable": {"thread_id": kit.folder.name},
        "recursion_limit": _SUPER_STEPS,
        "max_concurrency": kit.settings.parallel,
    }
    values = machine.get_state(config).values
    if values and Repair.model_validate(values).outcome is not None:
        return Repair.model_validate(values)
    start = None if values else Repair().model_dump()
    # LangGraph would report every step to a tracing service if the environment said so.
    with tracing_context(enabled=False):
        final = machine.invoke(start, config, context=kit, durability="sync")
    return Repair.model_validate(final)


def _machine() -> "StateGraph[Any, Any, Any, Any]":
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Repair, context_schema=Kit)
    for step in (prepare, locate, reproduce, first_try, ask, act, verify, publish, give_up):
        graph.add_node(step.__name__, _node(step))
    graph.add_edge(START, "prepare")
    graph.add_conditional_edges("prepare", _after_prepare, ["locate", END])
    graph.add_edge("locate", "reproduce")
    # What Send carries is handed on as it is, not as the record that other steps get.
    attempt: Any = _attempt
    graph.add_node("attempt", attempt)
    graph.add_node("select", _node(select))
    graph.add_conditional_edges("reproduce", _after_reproduce, ["first_try", "ask", "attempt"])
    graph.add_conditional_edges("first_try", _after_first_try, ["publish", "ask", "attempt"])
    graph.add_edge("attempt", "select")
    graph.add_conditional_edges("select", _after_verify, ["publish", "give_up"])
    graph.add_conditional_edges("ask", _after_ask, ["act", "verify", "give_up"])
    graph.add_conditional_edges("act", _after_act, ["ask", "reproduce", "verify", "give_up"])
    graph.add_conditional_edges("verify", _after_verify, ["publish", "ask", "give_up"])
    graph.add_edge("publish", END)
    graph.add_edge("give_up", END)
    return graph


def _node(step: Step) -> Callable[..., dict[str, Any]]:
    def node(state: Repair, runtime: "Runtime[Kit]") -> dict[str, Any]:
        runtime.context.journal.show(Entered(step=step.__name__))
        return _plain(step(state, runtime.context))

    return node


def _plain(update: Mapping[str, Any]) -> dict[str, Any]:
    """What a step tells, with values for members of an enumeration, whose class would be named."""
    return {name: told.value if isinstance(told, Enum) else told for name, told in update.items()}


def _attempt(record: Any, runtime: "Runtime[Kit]") -> dict[str, Any]:
    """One of several candidates, from its first reply to its verdict.

    It keeps no checkpoint of its own: what it did is in its journal, so that doing it again after a
    crash repeats nothing.
    """
    state = Repair.model_validate(record)
    runtime.context.journal.show(Entered(step="attempt"))
    with runtime.context.for_candidate(state.candidate) as kit:
        begin(state, runtime.context, kit)
        machine = _candidate_machine().compile()
        config: Any = {"recursion_limit": _SUPER_STEPS}
        machine.invoke(state.model_dump(), config, context=kit)
        return {"attempts": [attempted(state.candidate, kit).model_dump()]}


def _candidate_machine() -> "StateGraph[Any, Any, Any, Any]":
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Repair, context_schema=Kit)
    for step in (ask, act, verify):
        graph.add_node(step.__name__, _node(unless_settled(step)))
    ends: dict[Hashable, str] = {"publish": END, "give_up": END}
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", _after_ask, {"act": "act", "verify": "verify", **ends})
    graph.add_conditional_edges("act", _after_act, {"ask": "ask", "verify": "verify", **ends})
    graph.add_conditional_edges("verify", _after_verify, {"ask": "ask", **ends})
    return graph


def _after_reproduce(state: Repair) -> "str | list[Send]":
    if state.first_try:
        return "first_try"
    if state.phase != "repair" or state.candidates == 1:
        return "ask"
    return [
        Send("attempt", state.model_copy(update={"candidate": number}).model_dump())
        for number in range(1, state.candidates + 1)
    ]


def _after_first_try(state: Repair) -> "str | list[Send]":
    return "publish" if state.proven else _after_reproduce(state)


def _after_prepare(state: Repair) -> str:
    return "locate" if state.outcome is None else END


def _after_ask(state: Repair) -> str:
    if not state.halted:
        return "act"
    return "verify" if state.phase == "repair" and state.changed else "give_up"


def _after_act(state: Repair) -> str:
    if not state.submitted:
        return "ask"
    if state.gave_up and (state.phase == "reproduce" or not state.changed):
        return "give_up"
    return "verify" if state.phase == "repair" else "reproduce"


def _after_verify(state: Repair) -> str:
    if state.proven:
        return "publish"
    return "give_up" if state.halted or state.gave_up else "ask"
