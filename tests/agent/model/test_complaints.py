"""Answers of real servers, each with where it comes from, in ``tests/samples/model/errors/``."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.model.base import ContextOverflow, ModelRefused, ModelUnreachable
from agent.model.complaints import Kind, complaint, one_line, seconds_to_wait

FILES = sorted((Path(__file__).parents[2] / "samples" / "model" / "errors").glob("*.json"))
ERRORS = {
    Kind.OVERFLOW: ContextOverflow,
    Kind.UNREAD: ModelUnreachable,
    Kind.AWAY: ModelUnreachable,
    Kind.TROUBLE: ModelUnreachable,
}


def sample(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())
    body = found["body"]
    return found | {"text": body if isinstance(body, str) else json.dumps(body)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_server_means(file: Path) -> None:
    wanted = sample(file)
    found = complaint(wanted["status"], wanted["text"])
    assert found.kind == wanted["kind"]
    assert (found.prompt, found.window) == (wanted.get("prompt"), wanted.get("window"))
    error = found.error("http://host")
    assert type(error) is ERRORS.get(found.kind, ModelRefused)
    assert found.worth_another_try == (found.kind in (Kind.AWAY, Kind.TROUBLE))
    assert "http://host answered" in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 500
    assert wanted["source"]


def test_there_are_samples_of_every_kind() -> None:
    assert {sample(file)["kind"] for file in FILES} == {kind.value for kind in Kind}


def test_what_an_overflow_says_is_kept() -> None:
    text = '{"error": {"message": "x", "code": "context_length_exceeded", "n_ctx": 256}}'
    error = complaint(400, text).error("http://host")
    assert isinstance(error, ContextOverflow)
    assert (error.prompt, error.window) == (None, 256)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_what_may_pass(status: int) -> None:
    found = complaint(status, '{"error": {"message": "busy"}}')
    assert found.worth_another_try
    assert isinstance(found.error("http://host"), ModelUnreachable)


@pytest.mark.parametrize("status", [400, 404, 405, 413, 422])
def test_what_never_will(status: int) -> None:
    found = complaint(status, '{"error": {"message": "no such field"}}')
    assert not found.worth_another_try
    error = found.error("http://host")
    assert isinstance(error, ModelRefused)
    assert str(error) == f"http://host answered {status}: no such field"


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken(status: int) -> None:
    error = complaint(status, "Unauthorized").error("http://host")
    assert isinstance(error, ModelRefused)
    assert "PATCHWRIGHT_API_KEY" in str(error)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing"),
        ("<html>\n<b>Bad\x1b[31m gateway</b>", "<html> <b>Bad [31m gateway</b>"),
        ('{"detail": "Not Found"}', "Not Found"),
        ('{"error": "plain"}', "plain"),
        ('{"message": "top", "type": "T", "code": 400}', "top / T"),
        ('{"other": 1}', '{"other": 1}'),
        ("[" * 100_000, "[" * 300 + "..."),
        ("x" * 1000, "x" * 300 + "..."),
    ],
)
def test_any_text_becomes_one_line(text: str, said: str) -> None:
    assert complaint(400, text).text == said


def test_the_status_inside_of_a_success_counts() -> None:
    text = '{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}'
    assert complaint(200, text).worth_another_try


def test_a_long_page_is_not_gone_through() -> None:
    assert one_line(" " * 10_000_000 + "end") == ""
    assert complaint(500, "context " * 1_000_000).kind is Kind.TROUBLE


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("0.5", 0.5),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("9" * 40, None),
    ],
)
def test_the_time_to_wait(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, now=60.0) == seconds
