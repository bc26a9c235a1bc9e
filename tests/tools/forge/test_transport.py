"""Every way that GitHub can fail is one clear line, and what was written is not written twice."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tools.forge import ForgeDenied, ForgeError, ForgeRefused, ForgeUnreachable
from tools.forge.complaints import complaint, seconds_to_wait
from tools.forge.transport import LARGEST_ANSWER, Patience, Transport

API = "https://api.github.com"


class Wire:
    """Answers in order; the last answer stays."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def transport(self, **patience: Any) -> Transport:
        return Transport(
            API,
            SecretStr("secret"),
            patience=Patience(sleep=self.slept.append, chance=lambda: 1.0, **patience),
            transport=httpx.MockTransport(self),
        )


def answer(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body if body is not None else {}, headers=names)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, ForgeRefused, "answered 400"),
        (401, ForgeDenied, "not valid or has expired"),
        (403, ForgeDenied, "may not do this"),
        (404, ForgeDenied, "not there, or the token may not see it"),
        (409, ForgeRefused, "in conflict"),
        (410, ForgeRefused, "was deleted"),
        (422, ForgeRefused, "does not accept it (Validation Failed; head invalid)"),
        (429, ForgeUnreachable, "rate limit is used up for 60 s"),
        (451, ForgeRefused, "legal reasons"),
        (500, ForgeUnreachable, "answered 500"),
        (502, ForgeUnreachable, "answered 502"),
        (503, ForgeUnreachable, "answered 503"),
        (504, ForgeUnreachable, "answered 504"),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        '{"message": "Validation Failed", "errors": [{"field": "head", "code": "invalid"}]}',
        "<html>Unicorn</html>", "", "[" * 10_000, '{"message": null}', '{"errors": "x"}', "[1]",
    ],
)  # fmt: skip
def test_every_status_is_one_line(
    status: int, kind: type[ForgeError], words: str, body: str
) -> None:
    error = complaint(status, {}, body, "reading o/r#7")
    assert isinstance(error, kind)
    assert str(error).startswith("reading o/r#7: ")
    assert "\n" not in str(error)
    if "Validation" in body or "Validation" not in words:
        assert words in str(error)


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (403, {"retry-after": "7"}, "", 7),
        (429, {}, "", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1030"}, "", 31),
        (403, {"x-ratelimit-remaining": "9", "x-ratelimit-reset": "1030"}, "", None),
        (403, {}, "You have exceeded a secondary rate limit", 60),
        (403, {}, "Resource not accessible by integration", None),
        (404, {"retry-after": "7"}, "", None),
    ],
)
def test_rate_limits(
    status: int, headers: dict[str, str], body: str, seconds: float | None
) -> None:
    assert seconds_to_wait(status, headers, body, now=1000) == seconds


def test_a_read_is_tried_again_a_write_is_not() -> None:
    wire = Wire(answer(502), answer(503), answer(200, {"a": 1}))
    assert wire.transport().get("/x", "reading").json("reading") == {"a": 1}
    assert len(wire.asked) == 3
    wire = Wire(answer(502), answer(201))
    with pytest.raises(ForgeUnreachable):
        wire.transport().send("POST", "/x", {}, "writing")
    assert len(wire.asked) == 1
    wire = Wire(httpx.ReadTimeout("slow"), answer(201))
    with pytest.raises(ForgeUnreachable, match="no answer in time"):
        wire.transport().send("POST", "/x", {}, "writing")
    assert len(wire.asked) == 1


def test_what_was_surely_not_done_is_sent_again() -> None:
    limited = answer(403, {"message": "secondary rate limit"}, retry_after="3")
    wire = Wire(limited, httpx.ConnectError("no"), answer(201))
    assert wire.transport().send("POST", "/x", {"a": 1}, "writing").status == 201
    assert wire.slept[0] == 3
    assert len(wire.asked) == 3


def test_a_limit_that_lasts_too_long_ends_it_at_once() -> None:
    wire = Wire(answer(429, {}, retry_after="3600"))
    with pytest.raises(ForgeUnreachable, match="60 min"):
        wire.transport().get("/x", "reading")
    assert wire.slept == []


@pytest.mark.parametrize(
    "broken",
    [
        lambda: httpx.Response(200, content=b'{"a": '),
        lambda: httpx.Response(200, content=b"[" * 100_000),
        lambda: httpx.Response(200, content=b"<html>"),
        lambda: httpx.Response(200, content=b""),
    ],
)
def test_an_answer_that_is_cut_short_is_said_to_be(broken: Callable[[], httpx.Response]) -> None:
    with pytest.raises(ForgeUnreachable, match="cut short"):
        Wire(broken()).transport().get("/x", "reading").json("reading")


def test_an_answer_without_end_is_given_up() -> None:
    huge = httpx.Response(200, content=b"x" * (LARGEST_ANSWER + 1))
    with pytest.raises(ForgeUnreachable, match="too large"):
        Wire(huge).transport(tries=1).get("/x", "reading")


def test_pages_are_followed_at_the_same_host_only() -> None:
    here = f'<{API}/x?page=2>; rel="next", <{API}/x?page=2>; rel="last"'
    wire = Wire(answer(200, [1, 2], link=here), answer(200, [3]))
    assert list(wire.transport().pages("/x", "listing", 10)) == [1, 2, 3]
    elsewhere = '<https://evil.example/x?page=2>; rel="next"'
    wire = Wire(answer(200, [1], link=elsewhere), answer(200, [2]))
    with pytest.raises(ForgeRefused, match="another host"):
        list(wire.transport().pages("/x", "listing", 10))
    assert len(wire.asked) == 1
    wire = Wire(answer(200, [1, 2, 3], link=here))
    assert list(wire.transport().pages("/x", "listing", 2)) == [1, 2]
    assert len(wire.asked) == 1
    with pytest.raises(ForgeUnreachable, match="not a list"):
        list(Wire(answer(200, {})).transport().pages("/x", "listing", 2))


def test_the_token_goes_to_no_other_host() -> None:
    wire = Wire(answer(301, {}, location="https://evil.example/x"), answer(200))
    with pytest.raises(ForgeRefused, match="another host"):
        wire.transport().get("/x", "reading")
    circle = Wire(answer(301, {}, location=f"{API}/x"))
    with pytest.raises(ForgeRefused, match="circle"):
        circle.transport().get("/x", "reading")
    log = httpx.Response(200, content=b"0123456789")
    wire = Wire(answer(302, {}, location="https://logs.example/x"), log)
    assert wire.transport().tail("/x", "reading", 4) == "6789"
    assert "authorization" in wire.asked[0].headers
    assert "authorization" not in wire.asked[1].headers


def test_the_token_is_in_no_message() -> None:
    transport = Wire(httpx.ConnectError("refused")).transport(tries=1)
    with pytest.raises(ForgeUnreachable) as raised:
        transport.get("/x", "reading")
    assert "secret" not in str(raised.value) + repr(transport)
