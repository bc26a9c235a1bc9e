"""tox and nox: programs that make an environment and run a test command in it.

They want the network, and tox keeps its environment variables to itself; the repository's
environment is there already when its tests are run. So the command that they would run is called
directly: https://tox.wiki/en/latest/config.html#commands and
https://nox.thea.codes/en/stable/tutorial.html
"""

import ast
import configparser
import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from tools.checks.finding import Repository, in_folder, section
from tools.checks.shell_line import is_python, program, simple_commands

_SUBSTITUTION = re.compile(r"\{(\w*)(?::([^{}]*))?\}")
_PYTHONS = ("envpython", "py", "basepython")
_TESTENV = ("testenv", "testenv:py", "testenv:py3", "testenv:test", "testenv:tests", "testenv:unit")
_TOX_OWN = ("tox.ini", "setup.cfg")

Understands = Callable[[str], bool]


def wrapped_command(
    repository: Repository, understands: Understands, arguments: str = ""
) -> tuple[str, str] | None:
    """The first command that tox or nox would run and that is understood, and the file it is from.

    ``arguments`` are those that the user of tox or nox gives for the inner command.
    """
    for file, commands in (
        *((file, _tox(repository, file, arguments)) for file in _TOX_OWN),
        ("noxfile.py", _nox(repository, arguments)),
    ):
        for command in commands:
            direct = _direct(command)
            if direct is not None and understands(direct):
                return direct, file
    return None


def without_wrapper(command: str, repository: Repository, understands: Understands) -> str:
    """The command that ``tox …`` or ``nox …`` would run in its environment; any other as it is."""
    commands = simple_commands(command)
    if len(commands) != 1 or not _runs_wrapper(commands[0]):
        return command
    words = commands[0]
    arguments = words[words.index("--") + 1 :] if "--" in words else []
    found = wrapped_command(repository, understands, shlex.join(arguments))
    return found[0] if found else command


def _runs_wrapper(words: Sequence[str]) -> bool:
    names = [program(word) for word in words[:4]]
    return names[0] in ("tox", "nox") or (
        is_python(words[0]) and "-m" in names and not {"tox", "nox"}.isdisjoint(names)
    )


def _tox(repository: Repository, file: str, arguments: str) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    try:
        parser.read_string(repository.text(file))
    except configparser.Error:
        return
    for name in _TESTENV:
        table = section({key: dict(parser[key]) for key in parser.sections()}, name)
        folder = _substituted(table.get("changedir", table.get("change_dir", "")), "") or ""
        for line in _lines(table.get("commands", "")):
            command = _substituted(line.lstrip("-! "), arguments)
            if command:
                yield in_folder(folder.strip("./"), command)


def _lines(text: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line.strip() for line in joined.splitlines() if line.strip()]


def _substituted(line: str, arguments: str) -> str | None:
    """The line with tox's own values in place; None where one cannot be known here."""
    unknown: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        if name in _PYTHONS:
            return "python3"
        if name == "posargs":
            return arguments or default or ""
        if name in ("toxinidir", "tox_root", ""):
            return "." if name else "{}"
        unknown.append(name)
        return ""

    text = _SUBSTITUTION.sub(value, line).strip()
    return None if unknown else text


def _nox(repository: Repository, arguments: str) -> Iterator[str]:
    """The words of ``session.run("pytest", "tests", *session.posargs)``, where they are written."""
    try:
        tree = ast.parse(repository.text("noxfile.py"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_session_run(node.func):
            words = [a.value for a in node.args if isinstance(a, ast.Constant)]
            texts = [word for word in words if isinstance(word, str)]
            if texts:
                yield f"{shlex.join(texts)} {arguments}".strip()


def _is_session_run(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "run"
        and isinstance(function.value, ast.Name)
        and function.value.id == "session"
    )


def _direct(command: str) -> str | None:
    """The command by the environment's own Python, without the measuring of coverage."""
    prefix, separator, last = command.rpartition(" && ")
    try:
        words = [word for word in shlex.split(last) if not word.startswith("--cov")]
    except ValueError:
        return None
    if words[:2] == ["coverage", "run"] or words[1:4] == ["-m", "coverage", "run"]:
        words = ["python3", *_after_options(words[words.index("run") + 1 :])]
    if not words:
        return None
    if program(words[0]) in ("pytest", "py.test"):
        words = ["python3", "-m", "pytest", *words[1:]]
    elif words[0] == "python":
        words = ["python3", *words[1:]]
    return f"{prefix}{separator}{shlex.join(words)}"


def _after_options(words: Sequence[str]) -> Sequence[str]:
    """``-m unittest`` of ``--branch --source=x -m unittest``."""
    for index, word in enumerate(words):
        if word == "-m" or not word.startswith("-"):
            return words[index:]
    return []
