"""The command line ``patchwright``: its commands, its signals, its exit codes.

Exit codes: 0 proven patch, 1 none found, 2 usage or configuration, 3 a service is unreachable,
130 interrupted, 143 terminated, 70 a bug of ours. What a command needs is imported inside it, so
that ``--help`` costs little.
"""

import errno
import signal
import sys
from importlib import metadata
from typing import NoReturn

import click

from agent.commands.ci import ci
from agent.commands.context import context, index
from agent.commands.doctor import doctor
from agent.commands.exits import (
    EXIT_BUG,
    EXIT_INTERRUPTED,
    EXIT_SERVICE,
    EXIT_TERMINATED,
    EXIT_USAGE,
    Terminated,
)
from agent.commands.fix import fix, resume
from agent.commands.publish import publish
from agent.commands.review import review
from agent.commands.runs import list_runs, show
from agent.commands.serve import serve
from agent.commands.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(metadata.version("patchwright"), prog_name="patchwright")
def cli() -> None:
    """Issue in, proven patch out: repair a repository with the model you serve yourself.

    Exit codes: 0 proven patch, 1 none found, 2 usage or configuration, 3 a service is unreachable,
    130 interrupted, 143 terminated, 70 a bug in patchwright.
    """


_RUNNING = (fix, resume, publish, review, verify, list_runs, show)
for _command in (*_RUNNING, context, index, serve, doctor, ci):
    cli.add_command(_command)


def main() -> NoReturn:
    """Run the command line; the only place that catches everything."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        cli(standalone_mode=False)
        code = 0
    except click.exceptions.Abort:
        code = _fail("interrupted", EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        code = EXIT_USAGE
    except Terminated:
        code = _fail("terminated", EXIT_TERMINATED)
    except KeyboardInterrupt:
        code = _fail("interrupted", EXIT_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it becomes an exit code
        code = _failure(error)
    sys.exit(code)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise Terminated


def _failure(error: Exception) -> int:
    from agent.config import ConfigurationError
    from agent.intake import Skipped
    from agent.journal import JournalError
    from agent.model.base import ModelError, ModelRefused
    from agent.model.profiles import BadProfile
    from agent.review import NoReview
    from agent.runs import RunError
    from sandbox.base import SandboxError
    from tools.forge import BadAddress, ForgeError, ForgeUnreachable
    from tools.git import GitError

    services = ModelError | SandboxError | ForgeUnreachable
    usage = ConfigurationError | RunError | JournalError | GitError | ModelRefused | BadProfile
    if isinstance(error, usage | BadAddress | Skipped | NoReview) or (
        isinstance(error, ForgeError) and not isinstance(error, services)
    ):
        return _fail(str(error), EXIT_USAGE)
    if isinstance(error, services):
        return _fail(str(error), EXIT_SERVICE)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        place = error.filename or "the disk"
        return _fail(f"no space left on {place}; make some and go on", EXIT_SERVICE)
    import traceback

    traceback.print_exception(error)
    return _fail("this is a bug in patchwright; please report it with the text above", EXIT_BUG)


def _fail(message: str, code: int) -> int:
    click.echo(f"patchwright: {message}", err=True)
    return code
