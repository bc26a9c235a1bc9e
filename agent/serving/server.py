"""Runs a model server until it is stopped: start it, wait until it can really answer, watch it.

A server is ready when it has answered a request for one token. ``/health`` says nothing: it answers
while the engine is frozen.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Mapping, Sequence

import httpx

from agent.model.base import ModelUnreachable
from sandbox import service
from sandbox.process import ProcessFailed
from sandbox.service import Service

GRACE = 30.0
"""Seconds that the server has for ending by itself; with requests running vLLM takes about 10."""
TRY_SECONDS = 120.0
"""Of one request for a token; the first may have to wait for kernels that are compiled then."""
PAUSE = 1.0

_STARTING = (408, 425, 429, 500, 502, 503, 504)
"""Answers of a server, or of what stands before it, that may be other ones a little later."""
_SHOWN = 300


class ServerFailed(ModelUnreachable):
    """The server ended, or did not become ready; what it said is above."""


class PortTaken(Exception):
    """Something listens there already; the message says where."""


def check_port(host: str, port: int) -> None:
    """Return when the server can listen there.

    Raises:
        PortTaken: Something else does, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}") from None


def serve(
    command: Sequence[str],
    *,
    extra: Mapping[str, str],
    output: int,
    ready: Callable[[], bool],
    ready_seconds: float,
    when_ready: Callable[[], None],
    when_stopping: Callable[[], None],
    grace: float = GRACE,
) -> None:
    """Run the server until it ends by itself; any exception, Ctrl-C too, stops all of it first.

    Args:
        command: The program and its arguments.
        extra: Environment variables beside the user's own.
        output: A file descriptor for its log.
        ready: Asks for one token.
        ready_seconds: How long it may take until that is answered.
        when_ready: Called once, then.
        when_stopping: Called before it is stopped; not when it has ended by itself.
        grace: Seconds that it has for ending when it is asked to.

    Raises:
        ServerFailed: It could not be started, ended, or was not ready in time.
    """
    try:
        running = service.start(command, extra=extra, output=output)
    except ProcessFailed as error:
        raise ServerFailed(str(error)) from error
    with contextlib.ExitStack() as stack:
        stack.callback(_stop, running, when_stopping, grace)
        _wait_until_ready(running, ready, time.monotonic() + ready_seconds)
        when_ready()
        while (code := running.wait(3600.0)) is None:
            pass
        raise ServerFailed(f"the server ended with exit code {code}")


def _stop(running: Service, tell: Callable[[], None], grace: float) -> None:
    if running.exit_code is None:
        tell()
    running.stop(grace)


def _wait_until_ready(running: Service, ready: Callable[[], bool], until: float) -> None:
    while not ready():
        code = running.wait(PAUSE)
        if code is not None:
            raise ServerFailed(f"the server ended with exit code {code} before it was ready")
        if time.monotonic() > until:
            raise ServerFailed("the server was not ready in time; see --ready-minutes")


def one_token(url: str, model: str, api_key: str | None) -> bool:
    """Whether the server answers a request for one token; False when it may a little later.

    Raises:
        ServerFailed: It answers, and never will give a token to this request.
    """
    body = {"model": model, "messages": [{"role": "user", "content": "1"}], "max_tokens": 1}
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = httpx.post(
            f"{url}/chat/completions",
            json=body,
            headers=headers,
            timeout=TRY_SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError:
        return False
    if answer.status_code == httpx.codes.OK:
        return True
    if answer.status_code in _STARTING:
        return False
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise ServerFailed(
            "the server asks for a key: set PATCHWRIGHT_API_KEY to what VLLM_API_KEY is"
        )
    raise ServerFailed(
        f"the server answers {answer.status_code} to a request for one token:"
        f" {answer.text[:_SHOWN]}"
    )
