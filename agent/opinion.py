"""A second opinion for a model that goes in circles, from the review model where there is one."""

from agent.condense.openings import Openings
from agent.condense.question import readable
from agent.consult import consult
from agent.conversation import fold
from agent.kit import Kit
from agent.model.base import ContextOverflow
from agent.state import Repair
from prompts import render

_CHARACTERS = 4_000


def second_opinion(state: Repair, kit: Kit, tried: tuple[str, ...]) -> str:
    """What the review model would try next; empty where there is none, or it cannot read so much.

    Raises:
        ModelError: It cannot be asked.
    """
    if kit.review is None:
        return ""
    conversation = fold(kit.journal.entries)
    question = render("second_opinion", tried=tried)
    asked = readable(conversation, Openings(state, kit, conversation), question, kit.review, [])
    if asked is None:
        return ""
    try:
        reply = consult(kit, f"opinion-{state.replies}", "opinion", kit.review, asked, [])
    except ContextOverflow:
        return ""
    return reply.message.content.strip()[:_CHARACTERS]
