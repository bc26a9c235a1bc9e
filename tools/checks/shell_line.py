"""What a shell line runs, as far as can be told without a shell."""

import posixpath
import re
import shlex
from collections.abc import Callable, Sequence
from itertools import pairwise

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_OPERATORS = set("();<>|&\n")
_NOT_LAST = re.compile(r"[|<>()`#\n]|[;&]\s*$")

RUNNERS = frozenset(
    (
        *("command", "env", "exec", "nice", "nohup", "setsid", "stdbuf", "time", "timeout"),
        *("coverage", "hatch", "pdm", "pipenv", "poetry", "rye", "uv", "xvfb-run"),
        *("npx", "pnpx", "bunx", "yarn", "pnpm", "cross-env", "env-cmd", "dotenv"),
        *("nyc", "c8", "istanbul", "node", "tsx", "ts-node", "babel-node"),
        *("bundle", "ruby", "composer", "php"),
    )
)
"""Programs that run the program named among their arguments."""

_INSTALLS = frozenset(("add", "install", "i", "remove", "require", "update", "upgrade", "why"))

Words = Sequence[str]


def simple_commands(line: str) -> list[list[str]]:
    """The words of each command of the line, less the variables set before it.

    A line whose quotes do not match has none.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&\n")
    lexer.commenters = ""
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    try:
        for word in lexer:
            if set(word) <= _OPERATORS:
                commands.append([])
            elif commands[-1] or not _ASSIGNMENT.match(word):
                commands[-1].append(word)
    except ValueError:
        return []
    return [command for command in commands if command]


def program(word: str) -> str:
    """The name of a program without its folder."""
    return posixpath.basename(word)


def is_python(word: str) -> bool:
    """Whether this word of a command starts a Python."""
    return program(word).startswith(("python", "pypy"))


def runs_module(words: Words, *modules: str) -> bool:
    """Whether a command has Python, or a program that runs others, run one of these modules."""
    first = program(words[0])
    if not (is_python(first) or first in RUNNERS):
        return False
    return any(pair[0] == "-m" and pair[1] in modules for pair in pairwise(words))


def runs_program(words: Words, *names: str) -> bool:
    """Whether a command is one of these programs, or names one to a program that runs others."""
    first = program(words[0])
    if first in RUNNERS and not _INSTALLS.intersection(words[1:2]):
        return any(program(word) in names for word in words)
    return first in names


def any_command(line: str, is_it: Callable[[Words], bool]) -> bool:
    """Whether one of the line's commands is what is looked for."""
    return any(is_it(words) for words in simple_commands(line))


def with_arguments(line: str, is_it: Callable[[Words], bool], arguments: Words) -> str:
    """The line with more arguments for its last command, where that is what is looked for.

    A line that goes on behind it, into a pipe for one, is left as it is.
    """
    commands = simple_commands(line)
    if not arguments or not commands or not is_it(commands[-1]) or _NOT_LAST.search(line):
        return line
    return f"{line} {shlex.join(arguments)}"
