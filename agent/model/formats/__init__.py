"""The ways to write calls, best first: a ladder to step down when one does not work.

The server's own tool calls; one JSON object under the server's guidance; elements in the text;
a fence in the text. Each is one module.
"""

from agent.model.base import CallFormat
from agent.model.formats.base import Format as Format
from agent.model.formats.fenced import FENCED
from agent.model.formats.guided import GUIDED
from agent.model.formats.native import NATIVE
from agent.model.formats.xml import ELEMENTS

FORMATS: dict[CallFormat, Format] = {
    format_.name: format_ for format_ in (NATIVE, GUIDED, ELEMENTS, FENCED)
}
"""In the order of the ladder."""


def next_below(name: CallFormat) -> CallFormat | None:
    """The rung below, if there is one."""
    names = list(FORMATS)
    place = names.index(name) + 1
    return names[place] if place < len(names) else None
