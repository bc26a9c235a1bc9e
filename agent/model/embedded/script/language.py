"""JavaScript and TypeScript as a language of the search."""

from collections.abc import Sequence

from agent.model.embedded.observe import Broken, Suspect
from agent.model.embedded.past import REMEMBERED, Past
from agent.model.embedded.script.at_import import lines_at_import
from agent.model.embedded.script.localise import files_of, is_repairable, sites
from agent.model.embedded.script.normal import Parts
from agent.model.embedded.script.observe import SUFFIXES, accused, imported, symptoms
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.source import Source
from agent.model.embedded.script.templates.remembered import Remembered
from agent.model.embedded.script.templates.table import TEMPLATES
from agent.model.embedded.templates.base import Template


class _Script:
    """The language, with the one that is compiled to it."""

    name = "JavaScript"
    suffixes = SUFFIXES
    templates = TEMPLATES

    def source(self, path: str, text: str) -> Source:
        """Parsed by tree-sitter; raises ValueError."""
        return Source(path, text)

    def files(self, suspects: Sequence[Suspect], broken: Sequence[Broken]) -> list[str]:
        """By the score of their lines, else by stack traces."""
        return files_of(suspects, broken)

    def imported(self, path: str, text: str) -> list[str]:
        """By its relative imports."""
        return [found for found in imported(path, text) if is_repairable(found)]

    def at_import(self, source: Source) -> frozenset[int]:
        """Of statements in no function and what they call."""
        return lines_at_import(source)

    def places(
        self,
        sources: Sequence[Source],
        suspects: Sequence[Suspect],
        broken: Sequence[Broken],
        words: frozenset[str],
    ) -> list[Site]:
        """Statements by their lines' scores, stack traces, titles and kind."""
        return sites(sources, suspects, broken, words)

    def parts(self, source: Source) -> Parts:
        """By statements."""
        return Parts(source)

    def remembered(self, past: Past) -> Sequence[Template[Site]]:
        """Expressions that became others, and lines that were added."""
        return (Template(Remembered(past.edits).once_more, REMEMBERED),) if past.edits else ()

    def accused(self, message: str) -> set[str]:
        """By the words of the error."""
        return accused(message)

    def symptoms(self, message: str) -> set[str]:
        """By the words of V8 and of assertion libraries."""
        return symptoms(message)


SCRIPT = _Script()
