"""The client against real HTTP on the loopback."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agent.model.base import (
    ContextOverflow,
    Model,
    ModelError,
    ModelRefused,
    ModelUnreachable,
    ToolSchema,
    UserMessage,
)
from agent.model.deadline import Deadlines
from agent.model.openai import OpenAIModel
from agent.model.retry import Patience
from agent.model.served import DEFAULT_WINDOW
from agent.model.server import LARGEST_ANSWER, api_url
from doubles.scripted_server import Answer, ScriptedServer, completion, served

MESSAGES = [UserMessage(content="hello")]
PATH = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
TOOL = ToolSchema(name="read", description="Reads.", parameters=PATH)
KEY = "sk-very-secret"
HASTY = Patience(sleep=lambda _: None)


def ask(server: ScriptedServer, **options: Any) -> Any:
    with OpenAIModel(server.url, patience=HASTY, **options) as model:
        return model.reply(MESSAGES, [TOOL])


def failure(server: ScriptedServer, **options: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(server, **options)
    return caught.value


@pytest.fixture
def closed_url() -> Iterator[str]:
    """A port that nobody listens at, held so that nobody comes to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/v1"


def test_a_conversation() -> None:
    with ScriptedServer([completion("hm", ("read", {"path": "a"}))]) as server:
        reply = ask(server, model="scripted", api_key=KEY, max_tokens=100)
    assert reply.message.content == "hm"
    assert reply.message.calls[0].arguments == {"path": "a"}
    assert reply.usage.total == 15
    [body] = server.posts
    assert body["model"] == "scripted"
    assert body["messages"] == [{"role": "user", "content": "hello"}]
    assert body["max_tokens"] == 100
    assert body["temperature"] == 0
    [tool] = body["tools"]
    assert (tool["function"]["name"], tool["function"]["strict"]) == ("read", True)
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    assert {request.headers["Authorization"] for request in server.requests} == {f"Bearer {KEY}"}
    assert server.requests[-1].path == "/v1/chat/completions"


def test_it_is_a_model() -> None:
    with OpenAIModel("http://host") as client:
        model: Model = client
        assert model.count_tokens("") == 0


def test_the_servers_own_model_and_window() -> None:
    models = served("first", "second", max_model_len=8000)
    with ScriptedServer([completion("yes")], models=models) as server:
        model = OpenAIModel(server.url)
        assert (model.name, model.window) == ("first", 8000)
        model.reply(MESSAGES, [])
        model.close()
    assert server.posts[0]["model"] == "first"
    assert server.posts[0]["max_tokens"] == 2000
    assert [request.path for request in server.requests].count("/v1/models") == 1


@pytest.mark.parametrize("told", [None, "8000", True, -1])
def test_a_window_that_the_server_does_not_tell(told: Any) -> None:
    with ScriptedServer(models=served("m", max_model_len=told)) as server:
        with OpenAIModel(server.url) as model:
            assert model.window == DEFAULT_WINDOW
        with OpenAIModel(server.url, window=5) as model:
            assert model.window == 5


@pytest.mark.case("MOD-02", "it is asked again, and the reply is taken")
@pytest.mark.parametrize(
    "trouble",
    [
        Answer("busy", 503),
        Answer("slow down", 429, {"Retry-After": "1"}),
        Answer("no", 500),
        Answer(completion("half"), cut=10),
        Answer({"error": {"code": 503, "message": "Loading model"}}),
    ],
)
def test_trouble_that_passes(trouble: Answer) -> None:
    with ScriptedServer([trouble, trouble, completion("at last")]) as server:
        assert ask(server).message.content == "at last"
    assert len(server.posts) == 3


def test_trouble_that_stays() -> None:
    with ScriptedServer(lambda _: Answer("busy\n", 503)) as server:
        error = failure(server)
    assert isinstance(error, ModelUnreachable)
    assert str(error) == f"{server.url}/chat/completions answered 503: busy"
    assert len(server.posts) > 5


@pytest.mark.case("MOD-02", "five tries, then the run pauses")
def test_a_server_that_fails_each_time_is_not_asked_for_ever() -> None:
    with ScriptedServer(lambda _: Answer("oh\n", 500)) as server:
        error = failure(server)
    assert str(error) == f"{server.url}/chat/completions answered 500: oh"
    assert len(server.posts) == 5


def test_a_pause_is_as_long_as_the_server_asks() -> None:
    slept: list[float] = []
    patience = Patience(sleep=slept.append)
    script = [Answer("slow", 429, {"Retry-After": "7"}), completion("yes")]
    told: list[str] = []
    with (
        ScriptedServer(script) as server,
        OpenAIModel(server.url, patience=patience, tell=told.append) as model,
    ):
        reply = model.reply(MESSAGES, [])
    assert slept == [7.0]
    url = f"{server.url}/chat/completions"
    assert told == [f"waiting for the model: {url} answered 429: slow"]
    assert reply.notices == [f"waited 7 s for the model: {url} answered 429: slow"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer("<html>proxy</html>", headers={"Content-Type": "text/html"}), "<html>proxy</html>"),
        (Answer(b"\xff\xfe{"), "\ufffd\ufffd{"),
        (Answer(b""), "nothing"),
        (Answer({"choices": []}), '{"choices": []}'),
        (Answer("[" * 100_000), "[[["),
        (Answer("null"), "null"),
        (Answer(b" " * (LARGEST_ANSWER + 1)), "the answer is longer than"),
        (Answer("", 307, {"Location": "http://elsewhere/v1"}), "a redirect to http://elsewhere/v1"),
    ],
)
def test_an_answer_that_is_no_reply(answer: Answer, said: str) -> None:
    with ScriptedServer(lambda _: answer) as server:
        error = failure(server)
    assert isinstance(error, ModelUnreachable)
    assert said in str(error)
    assert f"{server.url}/chat/completions" in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Answer({"error": {"message": "bad key"}}, 401), ModelRefused, "check the API key"),
        (Answer("forbidden", 403), ModelRefused, "check the API key"),
        (Answer({"error": {"message": "no field x"}}, 400), ModelRefused, "no field x"),
        (Answer({"error": {"message": "no such model"}}, 404), ModelRefused, "it has a, b"),
        (
            Answer({"error": {"message": "n", "code": "context_length_exceeded"}}, 400),
            ContextOverflow,
            "context_length_exceeded",
        ),
        (
            Answer({"error": {"code": 400, "type": "exceed_context_size_error", "message": "x"}}),
            ContextOverflow,
            "exceed_context_size_error",
        ),
    ],
)
def test_a_refusal_is_not_asked_again(answer: Answer, kind: type[ModelError], said: str) -> None:
    with ScriptedServer(lambda _: answer, models=served("a", "b")) as server:
        error = failure(server)
    assert type(error) is kind
    assert said in str(error)
    assert len(server.posts) == 1


@pytest.mark.parametrize("status", [200, 400, 401, 404, 503])
def test_the_key_is_in_no_message(status: int) -> None:
    with ScriptedServer(lambda _: Answer(f"you sent Bearer {KEY}", status)) as server:
        error = failure(server, api_key=KEY)
    assert KEY not in str(error)
    assert "[API key]" in str(error)
    assert error.__cause__ is None


def test_a_reply_may_say_what_the_key_says() -> None:
    with ScriptedServer([completion("if EMPTY: ...")]) as server:
        assert ask(server, api_key="EMPTY").message.content == "if EMPTY: ..."


def test_a_slow_answer_is_not_waited_for() -> None:
    with ScriptedServer(lambda _: Answer(completion("late"), delay=5)) as server:
        error = failure(server, deadlines=Deadlines(0.1, 0.1, 5))
    assert "no answer within the time limit" in str(error)


def test_nor_is_one_that_trickles_in() -> None:
    started = time.monotonic()
    with (
        ScriptedServer(lambda _: Answer(completion("late"), pause=0.05)) as server,
        OpenAIModel(
            server.url, patience=Patience(tries=1), deadlines=Deadlines(5, 5, 0.3)
        ) as model,
        pytest.raises(ModelUnreachable, match="did not end within the time limit"),
    ):
        model.reply(MESSAGES, [])
    assert time.monotonic() - started < 6


def test_a_server_that_is_not_there(closed_url: str) -> None:
    with OpenAIModel(closed_url) as model, pytest.raises(ModelUnreachable) as caught:
        model.check()
    assert str(caught.value) == (
        f"no model server at {closed_url}: connection refused; start one"
        " (for example `vllm serve MODEL`) or pass --base-url"
    )


@pytest.mark.case("MOD-10", "it is waited for, and asked again")
def test_a_server_that_goes_away(closed_url: str) -> None:
    with (
        OpenAIModel(closed_url, model="m", window=1000, calls="native", patience=HASTY) as model,
        pytest.raises(ModelUnreachable, match=r"no reply from .*: connection refused"),
    ):
        model.reply(MESSAGES, [])


def test_a_server_that_says_nothing_is_known_in_time() -> None:
    started = time.monotonic()
    with (
        ScriptedServer(models=Answer(served("m"), delay=30)) as server,
        OpenAIModel(server.url) as model,
        pytest.raises(ModelUnreachable, match="no answer within the time limit"),
    ):
        model.check()
    assert time.monotonic() - started < 5


@pytest.mark.case("MOD-09", "another model than the one asked for is refused")
@pytest.mark.parametrize(
    ("models", "model", "kind", "said"),
    [
        (served("a", "b"), "c", ModelRefused, "has no model 'c'; it has a, b"),
        (served(), None, ModelRefused, "lists no model; name one with --model"),
        (Answer("no", 401), "a", ModelRefused, "check the API key"),
        (Answer("no", 404), None, ModelRefused, "answered 404"),
        (Answer("loading", 503), "a", ModelUnreachable, "answered 503: loading"),
        (Answer("<html>"), "a", ModelUnreachable, "<html>"),
        ({"data": 3}, "a", ModelUnreachable, "no list"),
    ],
)
def test_a_server_that_will_not_do(
    models: Any, model: str | None, kind: type[ModelError], said: str
) -> None:
    with (
        ScriptedServer(models=models) as server,
        OpenAIModel(server.url, model=model) as client,
        pytest.raises(kind) as caught,
    ):
        client.check()
    assert said in str(caught.value)
    assert server.url in str(caught.value)


@pytest.mark.parametrize(
    ("models", "model"),
    [
        (served("a", "b"), "b"),
        (served("a:latest"), "a"),
        (Answer("no list here", 404), "a"),
        ({"data": [None, {}, {"id": ""}, {"id": "a"}]}, None),
    ],
)
def test_a_server_that_will(models: Any, model: str | None) -> None:
    with ScriptedServer(models=models) as server, OpenAIModel(server.url, model=model) as client:
        client.check()
        client.check()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://host:8000", "http://host:8000/v1"),
        ("http://host:8000/", "http://host:8000/v1"),
        ("http://host:8000/v1", "http://host:8000/v1"),
        ("http://host:8000/v1/", "http://host:8000/v1"),
        ("http://host/v1/chat/completions", "http://host/v1"),
        ("https://host/models/api/", "https://host/models/api/v1"),
        ("https://host/v1beta/openai/", "https://host/v1beta/openai"),
        ("localhost:8000", "http://localhost:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_urls(given: str, url: str) -> None:
    assert api_url(given) == url


@pytest.mark.parametrize("given", ["", "ftp://host", "http://", "http://host:port", "file:///etc"])
def test_what_is_no_url(given: str) -> None:
    with pytest.raises(ModelRefused, match="is no URL of a model server"):
        OpenAIModel(given)
