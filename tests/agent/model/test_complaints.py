import json

import pytest

from agent.model.base import ContextOverflow, ModelRefused, ModelUnreachable
from agent.model.complaints import complaint, one_line, seconds_to_wait

OVERFLOWS = {
    "openai": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 4096 tokens. However, you"
                " requested 4118 tokens (3118 in the messages, 1000 in the completion).",
                "type": "invalid_request_error",
                "code": "context_length_exceeded",
            }
        },
    ),
    "vllm": (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 16384 tokens. However, you"
            " requested 122946 tokens",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    "vllm, prompt alone": (
        400,
        {"object": "error", "message": "max_tokens must be at least 1, got -186.", "code": 400},
    ),
    "llama.cpp": (
        400,
        {
            "error": {
                "code": 400,
                "message": "request (4390 tokens) exceeds the available context size (4096"
                " tokens), try increasing it",
                "type": "exceed_context_size_error",
            }
        },
    ),
    "llama.cpp, as a server error": (
        500,
        {
            "error": {
                "code": 500,
                "message": "Context size has been exceeded.",
                "type": "server_error",
            }
        },
    ),
    "llama-cpp-python": (
        400,
        {"error": {"message": "Requested tokens (2285) exceed context window of 2048"}},
    ),
    "tgi": (
        422,
        {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096."},
    ),
}


@pytest.mark.parametrize("name", OVERFLOWS)
def test_a_conversation_that_is_too_long(name: str) -> None:
    status, body = OVERFLOWS[name]
    found = complaint(status, json.dumps(body))
    assert isinstance(found.error("http://host"), ContextOverflow)
    assert not found.worth_another_try


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


def test_an_account_without_money_does_not_fill_up_by_waiting() -> None:
    found = complaint(429, '{"error": {"message": "quota", "code": "insufficient_quota"}}')
    assert not found.worth_another_try
    assert isinstance(found.error("http://host"), ModelRefused)


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
