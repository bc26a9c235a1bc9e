"""How a command ends: exit codes, and the exceptions that lead to them."""

import click

EXIT_PROVEN, EXIT_NONE, EXIT_USAGE, EXIT_SERVICE, EXIT_BUG = 0, 1, 2, 3, 70
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143


class Terminated(BaseException):
    """SIGTERM arrived; as with Ctrl-C, everything is closed and the run can be resumed."""


class UsageError(click.ClickException):
    """Something about the command line that click cannot see for itself."""

    exit_code = EXIT_USAGE
