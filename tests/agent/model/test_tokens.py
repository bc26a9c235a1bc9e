"""Counting: by the server, by a file, by a guess that learns; and never a request too long."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.base import (
    AssistantMessage,
    ContextOverflow,
    Message,
    ModelRefused,
    SystemMessage,
    UserMessage,
)
from agent.model.counters import NotCounted, TokenizerFile, find_endpoint
from agent.model.estimate import Estimate, weigh
from agent.model.openai import OpenAIModel
from agent.model.server import Server
from agent.model.tokens import Tokens
from agent.toolset import tool_schemas
from doubles.scripted_server import Answer, ScriptedServer, completion, served

TOOLS = tool_schemas()
LONG = "some words of code(): pass\n" * 30


def words(text: str) -> int:
    """The tokenizer of the servers here: a token is a word."""
    return len(text.split())


def vllm(body: Any) -> Any:
    if "messages" in body:
        shown = json.dumps([body["messages"], body.get("tools")])
        return {"count": words(shown), "max_model_len": 9, "tokens": []}
    return {"count": words(body["prompt"]), "max_model_len": 9, "tokens": []}


def template(body: Any) -> Any:
    return {"prompt": json.dumps([body["messages"], body.get("tools")])}


def llama_cpp(body: Any) -> Any:
    return {"tokens": [1] * words(body["content"])}


SERVERS: dict[str, dict[str, Any]] = {
    "vllm": {"/tokenize": lambda body: vllm(body) if "model" in body else Answer("no", 400)},
    "llama.cpp": {
        "/apply-template": template,
        "/tokenize": lambda body: llama_cpp(body) if "content" in body else Answer("no", 400),
    },
    "tgi": {
        "/chat_tokenize": lambda body: {
            "tokenize_response": [{}] * words(json.dumps([body["messages"], body.get("tools")]))
        },
        "/tokenize": lambda body: (
            [{}] * words(body["inputs"]) if "inputs" in body else Answer("no", 422)
        ),
    },
}


@pytest.mark.parametrize("name", SERVERS)
def test_servers_that_count(name: str) -> None:
    conversation: list[Message] = [SystemMessage(content="a b"), UserMessage(content=LONG)]
    with (
        ScriptedServer(pages=SERVERS[name]) as server,
        OpenAIModel(server.url, calls="native") as model,
    ):
        assert model.count_tokens(LONG) == words(LONG)
        count = model.count_conversation(conversation, TOOLS)
        assert model.count_conversation(conversation, []) < count
        assert count > words(LONG)


def test_a_count_is_asked_for_once() -> None:
    with ScriptedServer(pages=SERVERS["vllm"]) as server, OpenAIModel(server.url) as model:
        first = [model.count_tokens(LONG), model.count_conversation([UserMessage(content="a")], [])]
        asked = len(server.requests)
        again = [model.count_tokens(LONG), model.count_conversation([UserMessage(content="a")], [])]
    assert first == again
    assert len(server.requests) == asked


def test_short_texts_are_not_worth_a_question() -> None:
    with ScriptedServer(pages=SERVERS["vllm"]) as server, OpenAIModel(server.url) as model:
        assert model.count_tokens("tests/test_a.py\n") >= words("tests/test_a.py")
    assert server.requests == []


def test_a_server_that_does_not_answer_is_asked_another_time() -> None:
    answers: list[Any] = [Answer(b"", 200, cut=0), Answer("", 200, {"Content-Length": "9"})]
    pages = {"/tokenize": lambda body: answers.pop(0) if answers else vllm(body)}
    with ScriptedServer(pages=pages) as server, OpenAIModel(server.url) as model:
        counts = [model.count_tokens(f"{LONG} {number}") for number in range(3)]
    assert counts[-1] == words(LONG) + 1


def test_a_server_that_counts_nothing() -> None:
    with ScriptedServer() as scripted:
        server = Server(scripted.url, None)
        assert find_endpoint(server, "m") is None
        server.close()


@pytest.mark.parametrize("body", [None, [], {}, {"count": "3"}, {"count": True}, {"tokens": 3}])
def test_counts_that_are_none(body: Any) -> None:
    pages = dict.fromkeys(["/tokenize", "/apply-template", "/chat_tokenize"], Answer(body or "x"))
    with ScriptedServer(pages=pages) as server, OpenAIModel(server.url) as model:
        assert model.count_tokens(LONG) > words(LONG)


class TestWindow:
    def test_nothing_is_sent_that_does_not_fit(self) -> None:
        models = served("m", max_model_len=400)
        with (
            ScriptedServer(
                lambda _: completion("x"), models=models, pages=SERVERS["vllm"]
            ) as server,
            OpenAIModel(server.url, calls="native") as model,
        ):
            assert model.reserve == 100
            room = 400 - 100 - model.count_conversation([UserMessage(content="w")], []) + 1
            fits, too_long = ([UserMessage(content="w" + " w" * (n - 1))] for n in (room, room + 1))
            model.reply(fits, [])
            with pytest.raises(ContextOverflow, match="with 100 kept free") as caught:
                model.reply(too_long, [])
        assert (caught.value.prompt, caught.value.window) == (301, 400)
        assert len(server.posts) == 1
        assert server.posts[0]["max_tokens"] == 100

    def test_the_server_may_know_better_and_is_believed(self) -> None:
        said = "request (4390 tokens) exceeds the available context size (4096 tokens)"
        error = Answer({"error": {"code": 400, "message": said}}, 400)
        with (
            ScriptedServer(lambda _: error) as server,
            OpenAIModel(server.url, calls="native") as model,
        ):
            with pytest.raises(ContextOverflow, match="answered 400"):
                model.reply([UserMessage(content="x" * 3000)], [])
            assert model.window == 4096
            with pytest.raises(ContextOverflow, match="has 4390 tokens"):
                model.reply([UserMessage(content="x" * 3000)], [])
        assert len(server.posts) == 1

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/props", {"default_generation_settings": {"n_ctx": 5000}}),
            ("/info", {"max_total_tokens": 5000}),
            ("/api/v0/models", {"data": [{"id": "o"}, {"id": "m", "loaded_context_length": 5000}]}),
            ("/api/ps", {"models": [{"name": "m:latest", "context_length": 5000}]}),
        ],
    )
    def test_what_servers_call_it(self, path: str, body: Any) -> None:
        with (
            ScriptedServer(models=served("m"), pages={path: body}) as server,
            OpenAIModel(server.url) as model,
        ):
            assert model.window == 5000

    @pytest.mark.parametrize("body", [None, [], {"models": 3}, {"data": [{}]}, {"models": [{}]}])
    def test_what_is_something_else(self, body: Any) -> None:
        paths = ["/props", "/info", "/api/v0/models", "/api/ps"]
        with (
            ScriptedServer(models=served("m"), pages=dict.fromkeys(paths, Answer(body))) as server,
            OpenAIModel(server.url) as model,
        ):
            assert model.window == 131_072


def wire(*contents: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content} for content in contents]


class TestEstimate:
    def test_it_knows_the_kinds_of_characters(self) -> None:
        assert weigh("abc" * 10) == pytest.approx(10)
        assert weigh("1" * 10) == pytest.approx(10)
        assert weigh("語" * 6) == pytest.approx(10)
        assert weigh("") == 0
        assert weigh("\ud800") > 0

    def test_a_count_is_taken_as_it_is_and_only_the_rest_is_guessed(self) -> None:
        estimate = Estimate()
        estimate.learn(wire(LONG), {}, 333)
        assert estimate.prompt(wire(LONG), {}) == 333
        assert 333 < estimate.prompt(wire(LONG, "and this"), {}) < 370
        assert estimate.prompt(wire("other", LONG), {}) != 333

    @pytest.mark.parametrize("tokens_per_character", [0.1, 0.3, 0.6, 1.0])
    def test_after_the_first_count_it_errs_on_the_high_side(
        self, tokens_per_character: float
    ) -> None:
        """Over a conversation whose texts are alike, as in a repair."""
        estimate = Estimate()
        sent: list[dict[str, Any]] = []
        for turn in range(30):
            sent += wire(LONG * (1 + turn % 4), f"def f{turn}(x): return x + {turn}\n" * 9)
            exact = int(sum(len(m["content"]) for m in sent) * tokens_per_character) + 4 * len(sent)
            if turn:
                assert exact <= estimate.prompt(sent, {}) < exact * 1.25
            estimate.learn(sent, {}, exact)

    def test_counts_that_cannot_be_are_not_believed(self) -> None:
        estimate = Estimate()
        estimate.learn(wire(LONG), {}, 333)
        estimate.learn(wire(LONG, LONG), {}, 12)
        assert estimate.prompt(wire(LONG, LONG), {}) > 333
        estimate.learn(wire(LONG, LONG), {}, 0)
        estimate.learn([], {}, 5)

    @given(st.lists(st.text(max_size=50), min_size=1, max_size=5), st.integers(0, 10**6))
    def test_any_texts_can_be_guessed_at(self, contents: Sequence[str], count: int) -> None:
        estimate = Estimate()
        estimate.learn(wire(*contents), {}, count)
        assert estimate.prompt(wire(*contents), {}) >= 0


class Failing:
    def text(self, text: str) -> int:
        raise NotCounted("no")

    def prompt(self, messages: Any, fields: Any) -> int:
        raise NotCounted("no")


def test_a_counter_that_fails_leaves_the_guess() -> None:
    tokens = Tokens(Failing, local=True)
    assert tokens.text("abc") > 0
    assert tokens.prompt(wire("abc"), {})[1] is False


def test_usage_is_what_a_server_without_a_count_teaches() -> None:
    usage = {"prompt_tokens": 2000, "completion_tokens": 5}
    with (
        ScriptedServer(lambda _: completion("x", usage=usage)) as server,
        OpenAIModel(server.url, calls="native") as model,
    ):
        conversation: list[Message] = [UserMessage(content=LONG)]
        guess = model.count_conversation(conversation, TOOLS)
        model.reply(conversation, TOOLS)
        assert model.count_conversation(conversation, TOOLS) == 2000 != guess
        conversation += [AssistantMessage(content="x"), UserMessage(content="go on")]
        assert 2000 < model.count_conversation(conversation, TOOLS) < 2060


class TestTokenizerFile:
    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        pytest.importorskip("tokenizers", reason="the extra tokenizers is not installed")
        with pytest.raises(ModelRefused, match="cannot read the tokenizer"):
            TokenizerFile(tmp_path / "tokenizer.json")

    def test_a_file_that_is_none(self, tmp_path: Path) -> None:
        pytest.importorskip("tokenizers", reason="the extra tokenizers is not installed")
        (tmp_path / "tokenizer.json").write_text("{}")
        with pytest.raises(ModelRefused, match="cannot read the tokenizer"):
            TokenizerFile(tmp_path)

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A model's folder with a tokenizer, a chat template and special tokens."""
        library = pytest.importorskip("tokenizers", reason="the extra tokenizers is not installed")
        tokenizer = library.Tokenizer(library.models.BPE())
        tokenizer.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = library.pre_tokenizers.ByteLevel.alphabet()
        trainer = library.trainers.BpeTrainer(
            vocab_size=300, initial_alphabet=alphabet, special_tokens=["<s>"], show_progress=False
        )
        tokenizer.train_from_iterator([LONG], trainer)
        tokenizer.save(str(tmp_path / "tokenizer.json"))
        (tmp_path / "chat_template.jinja").write_text(
            "{{ bos_token }}{% for m in messages %}{{ m.role }}:{{ m.content }}"
            "{% for c in m.tool_calls or [] %}{{ c.function.arguments.path }}{% endfor %}"
            "{% endfor %}{% if tools %}{{ tools | tojson }}{% endif %}"
            "{% if add_generation_prompt %}assistant:{% endif %}"
        )
        config = {"bos_token": {"content": "<s>"}, "eos_token": None}
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
        return tmp_path

    def test_it_counts_as_the_template_writes(self, folder: Path) -> None:
        counter = TokenizerFile(folder)
        sent = wire(LONG)
        assert counter.prompt(sent, {}) == 1 + counter.text(f"user:{LONG}assistant:")
        assert counter.prompt(sent, {"tools": [{"a": "<é>"}]}) == 1 + counter.text(
            f'user:{LONG}[{{"a": "<é>"}}]assistant:'
        )

    def test_a_client_with_it_asks_nobody(self, folder: Path) -> None:
        with ScriptedServer(pages=SERVERS["vllm"]) as server:
            model = OpenAIModel(server.url, tokenizer=folder / "tokenizer.json", calls="native")
            with model:
                count = model.count_conversation([UserMessage(content=LONG)], [])
                assert model.count_tokens("code()") == TokenizerFile(folder).text("code()")
        assert count == TokenizerFile(folder).prompt(wire(LONG), {})
        assert server.requests == []

    def test_without_a_template_prompts_are_guessed(self, folder: Path) -> None:
        (folder / "chat_template.jinja").unlink()
        counter = TokenizerFile(folder)
        assert counter.text(LONG) > 0
        with pytest.raises(NotCounted, match="no chat template"):
            counter.prompt(wire(LONG), {})

    @pytest.mark.parametrize("template", ["{{ nothing.at.all }}", "{{ raise_exception('no') }}"])
    def test_a_template_that_fails_counts_nothing(self, folder: Path, template: str) -> None:
        (folder / "chat_template.jinja").write_text(template)
        with pytest.raises(NotCounted, match="the chat template fails"):
            TokenizerFile(folder).prompt(wire(LONG), {})

    def test_a_template_cannot_reach_out(self, folder: Path) -> None:
        """It comes with a download; it is rendered in a sandbox."""
        reaching = "{{ messages.__class__.__mro__[1].__subclasses__() }}"
        (folder / "chat_template.jinja").write_text(reaching)
        with pytest.raises(NotCounted, match="unsafe"):
            TokenizerFile(folder).prompt(wire(LONG), {})
