"""Nothing of a run leaves the machine but what goes to the model server."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.state import Outcome
from doubles.repositories import CHECK, RIGHT, WRONG
from doubles.scripted_model import ScriptedModel, calls, submit
from doubles.story import Story

REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})


def test_no_tracing_service_hears_of_a_run_even_when_the_environment_names_one(
    story: Callable[..., Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.path)
            self.send_error(403)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing on the screen of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("LANGSMITH", "LANGCHAIN"):
        monkeypatch.setenv(f"{name}_TRACING_V2", "true")
        monkeypatch.setenv(f"{name}_API_KEY", "canary")
        monkeypatch.setenv(f"{name}_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    try:
        told = story(settings={"test": CHECK})
        assert told.run(ScriptedModel([calls(REPAIR), submit()])).outcome is Outcome.PROVEN
    finally:
        from langsmith import utils

        utils.get_env_var.cache_clear()
        server.shutdown()
        server.server_close()
    assert heard == []
