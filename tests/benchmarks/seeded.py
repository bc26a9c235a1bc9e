"""How many bugs seeded into well-tested packages does the embedded model repair, and how?

    pip download --no-deps --no-binary :all: more-itertools inflection toolz tabulate parse
    python tests/benchmarks/seeded.py PACKAGE ... [--bugs 200] [--seed 1] [--out FILE]

PACKAGE is a source distribution with its tests, or a folder that one was unpacked into. A bug is
one change of a template chosen at random, at a random statement outside the tests: the templates
come in pairs that undo each other (an operand dropped, one added; a statement deleted, one
inserted), so this is the inverse of some template. How bugs are chosen and repairs are judged is
told in ``seeding.py``.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from seeding import Package, Seed, main

from agent.model.embedded.localise import is_test_file
from agent.model.embedded.normal import Parts, normal_form
from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Source, apply
from agent.model.embedded.templates.table import TEMPLATES

COMMAND = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python3 -m pytest"
"""Without the plug-ins of the environment that this runs in: they are none of the packages'."""


def sources(repository: Path) -> list[Source]:
    """The modules of a package that are neither tests nor there to build it."""
    found = []
    for path in sorted(repository.rglob("*.py")):
        name = str(path.relative_to(repository))
        if is_test_file(name) or name.startswith(("docs", "setup.py", "examples")):
            continue
        try:
            found.append(Source(name, path.read_text(encoding="utf-8")))
        except (SyntaxError, ValueError):
            continue
    return found


def seeds(files: list[Source], draw: Random) -> Iterator[Seed]:
    """Random changes of random templates."""
    places = [
        Site(source, scope, statement)
        for source in files
        for scope in scopes_of(source).values()
        if scope.name
        for statement in scope.statements
    ]
    while True:
        template, site = draw.choice(TEMPLATES), draw.choice(places)
        proposals = [edits for edits, closeness in template.propose(site) if closeness > 0]
        if proposals:
            edits = draw.choice(proposals)
            text = site.source.text
            if Parts(site.source).key(edits) is not None:
                yield template.name, site.source.path, text, apply(text, edits)


def opened(repository: Path) -> Package:
    """A package whose suite pytest runs."""
    files = sources(repository)
    return Package(
        repository,
        COMMAND,
        lambda draw: seeds(files, draw),
        lambda _path, text: normal_form(text),
    )


if __name__ == "__main__":
    main(__doc__, opened)
