"""Python as a language of the search."""

from collections.abc import Sequence

from agent.model.embedded.at_import import lines_at_import
from agent.model.embedded.imports import imported
from agent.model.embedded.localise import files_of, is_repairable, sites
from agent.model.embedded.normal import Parts
from agent.model.embedded.observe import Broken, Suspect, accused, symptoms
from agent.model.embedded.past import REMEMBERED, Past
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Source
from agent.model.embedded.templates.base import Template
from agent.model.embedded.templates.remembered import Remembered
from agent.model.embedded.templates.table import TEMPLATES


class _Python:
    """The language."""

    name = "Python"
    suffixes = (".py",)
    templates = TEMPLATES

    def source(self, path: str, text: str) -> Source:
        """Parsed by ``ast``; raises SyntaxError, ValueError or RecursionError."""
        return Source(path, text)

    def files(self, suspects: Sequence[Suspect], broken: Sequence[Broken]) -> list[str]:
        """By the score of their lines, else by tracebacks."""
        return files_of(suspects, broken)

    def imported(self, path: str, text: str) -> list[str]:
        """By all its imports."""
        return [found for found in imported(path, text) if is_repairable(found)]

    def at_import(self, source: Source) -> frozenset[int]:
        """Of module and class bodies and what they call."""
        return lines_at_import(source)

    def places(
        self,
        sources: Sequence[Source],
        suspects: Sequence[Suspect],
        broken: Sequence[Broken],
        words: frozenset[str],
    ) -> list[Site]:
        """Statements by their lines' scores, tracebacks and kind."""
        return sites(sources, suspects, broken, words)

    def parts(self, source: Source) -> Parts:
        """By functions."""
        return Parts(source)

    def remembered(self, past: Past) -> Sequence[Template[Site]]:
        """Expressions that became others, and lines that were added."""
        return (Template(Remembered(past.edits).once_more, REMEMBERED),) if past.edits else ()

    def accused(self, message: str) -> set[str]:
        """By the words of the error."""
        return accused(message)

    def symptoms(self, message: str) -> set[str]:
        """By the names of exceptions and what assertions compared."""
        return symptoms(message)


PYTHON = _Python()
