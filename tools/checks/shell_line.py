"""What a shell line runs, as far as can be told without a shell."""

import posixpath
import re
import shlex

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_OPERATORS = set("();<>|&\n")

RUNNERS = frozenset(
    (
        *("command", "env", "exec", "nice", "nohup", "setsid", "stdbuf", "time", "timeout"),
        *("coverage", "hatch", "pdm", "pipenv", "poetry", "rye", "uv", "xvfb-run"),
    )
)
"""Programs that run the program named among their arguments."""


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
