"""What the search asks of a programming language that it repairs.

The search itself, its order, its pairs and duplicates, its trying and its words know nothing of any
language: they move edits of texts about. What a statement is, which changes people make to it and
which texts mean the same is told by a language.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from agent.model.embedded.observe import Broken, Suspect
from agent.model.embedded.past import Past
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Template

Key = tuple[str, str]
"""The same for all changes of a file that mean the same."""


class Text(Protocol):
    """A file that was read and parsed."""

    path: str
    text: str
    lines: list[str]


class Place(Protocol):
    """A statement that could be at fault, with all that the language's templates ask about it."""

    suspicion: float
    """How likely it is at fault beside the others, above 0."""

    @property
    def source(self) -> Text:
        """The file that it stands in."""
        ...

    @property
    def line(self) -> int:
        """The line it begins on, from 1."""
        ...


class Parts(Protocol):
    """A file by its parts: a change is compared by its part alone."""

    def key(self, edits: Sequence[Edit]) -> Key | None:
        """The key of a change; None when it is no program any more, or changes nothing."""
        ...


class Language(Protocol):
    """One programming language."""

    @property
    def name(self) -> str:
        """Its name, as people write it."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of its files end."""
        ...

    @property
    def templates(self) -> Sequence[Template[Any]]:
        """The changes that people make; each takes a place of this language."""
        ...

    def source(self, path: str, text: str) -> Text:
        """Parse a file; raises SyntaxError, ValueError or RecursionError where it cannot be."""
        ...

    def files(self, suspects: Sequence[Suspect], broken: Sequence[Broken]) -> list[str]:
        """The files to look at by covered lines and failures' texts, most suspicious first."""
        ...

    def imported(self, path: str, text: str) -> list[str]:
        """Paths that a file of tests may import; for runs that show no lines."""
        ...

    def at_import(self, source: Any) -> frozenset[int]:
        """The lines of a source of this language that are run before any test begins."""
        ...

    def places(
        self,
        sources: Sequence[Any],
        suspects: Sequence[Suspect],
        broken: Sequence[Broken],
        words: frozenset[str],
    ) -> list[Any]:
        """The statements of sources of this language that may be at fault, best first."""
        ...

    def parts(self, source: Any) -> Parts:
        """A source of this language by its parts."""
        ...

    def remembered(self, past: Past) -> Sequence[Template[Any]]:
        """Templates that make earlier commits' edits at other places."""
        ...

    def accused(self, message: str) -> set[str]:
        """The names that a failure's own error says cannot be used as they are."""
        ...

    def symptoms(self, message: str) -> set[str]:
        """In which of the ways that matter to the templates a test failed, by its text."""
        ...
