"""The languages that are repaired, in one table, and what is asked of all of them together."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from agent.model.embedded.language import Language, Parts, Place, Text
from agent.model.embedded.observe import Broken, Suspect
from agent.model.embedded.python import PYTHON
from agent.model.embedded.script.language import SCRIPT

LANGUAGES: tuple[Language, ...] = (PYTHON, SCRIPT)


def language_of(path: str) -> Language | None:
    """The language of a file, by its name; None for one that is not repaired."""
    return next((one for one in LANGUAGES if path.endswith(one.suffixes)), None)


def known_language(path: str) -> Language:
    """The language of a file that is known to be repaired."""
    language = language_of(path)
    assert language is not None
    return language


def files_of(suspects: Sequence[Suspect], broken: Sequence[Broken]) -> list[str]:
    """The files to look at, most suspicious first, those of one language after the other."""
    return [path for language in LANGUAGES for path in language.files(suspects, broken)]


def imported(tests: dict[str, str]) -> list[str]:
    """Paths that tests, by path and text, may import."""
    paths = [
        path for test, text in tests.items() for path in known_language(test).imported(test, text)
    ]
    return list(dict.fromkeys(paths))


def at_import(source: Text) -> frozenset[int]:
    """The lines of a file that are run before any test begins."""
    return known_language(source.path).at_import(source)


def parsed(texts: dict[str, str]) -> list[Text]:
    """Those of the files that can be parsed."""
    found: list[Text] = []
    for path, text in texts.items():
        try:
            found.append(known_language(path).source(path, text))
        except (SyntaxError, ValueError, RecursionError):
            continue
    return found


def places_of(
    sources: Iterable[Text],
    suspects: Sequence[Suspect],
    broken: Sequence[Broken],
    words: frozenset[str],
) -> list[Place]:
    """The statements that may be at fault in all files, most suspicious first."""
    found: list[Place] = []
    ordered = sorted(sources, key=lambda source: known_language(source.path).name)
    for _, group in groupby(ordered, key=lambda source: known_language(source.path).name):
        members = list(group)
        language = known_language(members[0].path)
        found += language.places(members, suspects, broken, words)
    return sorted(found, key=lambda place: -place.suspicion)


def parts_of(path: str, text: str) -> Parts:
    """A file that is known to parse, by its parts."""
    language = known_language(path)
    return language.parts(language.source(path, text))


def accused_of(messages: Iterable[str]) -> frozenset[str]:
    """The names that errors of failed tests say cannot be used as they are, in any language."""
    return frozenset(
        name for message in messages for language in LANGUAGES for name in language.accused(message)
    )


def symptoms_of(messages: Iterable[str]) -> frozenset[str]:
    """The ways in which tests failed that any of the languages knows."""
    return frozenset(
        symptom
        for message in messages
        for language in LANGUAGES
        for symptom in language.symptoms(message)
    )
