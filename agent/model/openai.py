"""A client for any server with OpenAI's chat completions API: vLLM, llama.cpp, Ollama, OpenAI."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

from agent.model.admission import Admission, MakeGate
from agent.model.base import (
    AssistantMessage,
    CallFormat,
    ContextOverflow,
    Message,
    ModelUnreachable,
    Reply,
    ToolSchema,
    Usage,
)
from agent.model.chat import Chat, Complained, Result
from agent.model.clean import clean_text
from agent.model.complaints import Complaint, Kind, one_line
from agent.model.counters import TokenizerFile, find_endpoint
from agent.model.deadline import Deadlines
from agent.model.formats import next_below
from agent.model.judge import Judged, judge, judge_raw, judge_unread
from agent.model.ladder import find_rung, step
from agent.model.manner import Manner
from agent.model.probe import PROBE_SECONDS, PROBE_TOKENS, Outcome, Tried, probe, question
from agent.model.requests import Prompt, Requests
from agent.model.retry import Patience
from agent.model.served import Directory
from agent.model.server import Server
from agent.model.spoken import Spoken
from agent.model.tokens import Tokens
from agent.model.wire import Shape

MAX_TOKENS = 8192
"""Tokens kept free for a reply, where the window is large enough."""
SHARE_OF_REPLY = 4
"""A reply gets at most one part in so many of the window."""

_NO_FIELDS: Mapping[str, Any] = {}


@dataclass(slots=True)
class _Turn:
    """One reply in the making."""

    messages: Sequence[Message]
    tools: Sequence[ToolSchema]
    format: CallFormat
    notices: list[str] = field(default_factory=list)
    sent: dict[str, Any] = field(default_factory=dict)
    """The last request."""
    tokens: int = 0
    """Of its prompt, as counted before."""


class OpenAIModel:
    """A served model. Several threads may ask it at once.

    Args:
        base_url: Where the server is: ``http://host:8000``, with or without ``/v1``.
        model: The model's name; by default the first that the server lists.
        api_key: Sent as a bearer token, and never shown.
        window: Tokens of prompt and reply; by default what the server tells, or 131072.
        max_tokens: Tokens kept free for a reply, and its longest; at most a quarter of the window.
        temperature: Zero for the likeliest reply.
        fields: Further fields of every request: sampling, ``chat_template_kwargs``, ``priority``.
        calls: The way of writing calls to start with; by default a probe finds out.
        keep_reasoning: Send what the model thought in earlier turns back to it.
        tokenizer: The model's ``tokenizer.json`` or its folder, for a server that does not count.
        deadlines: How long a reply may take.
        patience: How failures that may pass are retried.
        gate: Makes the gate where requests of other runs to this server wait as well.
        tell: Is told at once, in a line for people, when the model has to wait for its server.

    Raises:
        ModelRefused: The URL is none, or the tokenizer cannot be read.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str | None = None,
        api_key: str | None = None,
        window: int | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0.0,
        fields: Mapping[str, Any] = _NO_FIELDS,
        calls: CallFormat | None = None,
        keep_reasoning: bool = False,
        tokenizer: Path | None = None,
        deadlines: Deadlines | None = None,
        patience: Patience | None = None,
        gate: MakeGate | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._server = Server(base_url, api_key)
        self._directory = Directory(self._server, model)
        # A pause ends when the client is closed.
        patience = patience or Patience(sleep=self._server.pause)
        self._chat = Chat(self._server, self._directory, deadlines or Deadlines(), patience, tell)
        counter = TokenizerFile(tokenizer) if tokenizer else None
        self._tokens = Tokens(
            lambda: counter or find_endpoint(self._server, self.name), local=counter is not None
        )
        self._window = window
        self._max_tokens = max_tokens
        self._requests = Requests(
            self._directory,
            {"temperature": temperature, **fields},
            Manner(shape=Shape(reasoning=keep_reasoning)),
        )
        self._start = calls
        self._lock = RLock()
        self._gate = Admission(self._server, gate)

    @property
    def name(self) -> str:
        """The model's name; the server is asked for it when none was given."""
        return self._directory.name

    @property
    def window(self) -> int:
        """Tokens that prompt and reply may fill together."""
        return self._window or self._directory.window()

    @property
    def reserve(self) -> int:
        """Tokens that are kept free for a reply, and the longest that one is allowed."""
        return max(1, min(self._max_tokens, self.window // SHARE_OF_REPLY))

    def check(self) -> None:
        """Return when the server is there and has the model.

        Raises:
            ModelUnreachable: No server, or no model server; told within five seconds.
            ModelRefused: It does not take the key, or has no such model.
        """
        self._directory.served()

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next message of the conversation, after the retries that make sense."""
        turn = _Turn(messages, tools, "native")
        begun = any(isinstance(message, AssistantMessage) for message in messages)
        rung = find_rung(messages, "native" if begun else self._find_start(turn))
        turn.format = rung.format
        if rung.notice:
            turn.notices.append(rung.notice)
            self._start_at(rung.format)
        while True:
            try:
                return self._ask(turn)
            except Complained as refused:
                if refused.complaint.kind is Kind.UNREAD:
                    return self._unread(turn, refused.complaint)
                self._adapt(turn, refused.complaint)

    def count_tokens(self, text: str) -> int:
        """Tokens of a text: exact where the server counts, else an estimate on the high side."""
        return self._tokens.text(clean_text(text))

    def count_conversation(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> int:
        """Tokens of the prompt that asks for the next reply; exact as for ``count_tokens``."""
        rung = find_rung(messages, self._start or "native")
        prompt = self._requests.prompt(messages, tools, rung.format)
        return self._tokens.prompt(prompt.messages, prompt.fields)[0]

    def close(self) -> None:
        """Give up what is under way, so that the server stops, and let go of the connections.

        Closing twice is harmless.
        """
        self._server.close()
        self._gate.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, turn: _Turn) -> Reply:
        """One reply in one format; nothing is sent that does not fit."""
        prompt = self._requests.prompt(turn.messages, turn.tools, turn.format)
        turn.tokens, _ = self._tokens.prompt(prompt.messages, prompt.fields)
        if turn.tokens + self.reserve > self.window:
            raise ContextOverflow(
                f"the conversation has {turn.tokens} tokens; with {self.reserve} kept free for the"
                f" reply that is more than the model's window of {self.window}",
                turn.tokens,
                self.window,
            )
        replies = sum(isinstance(message, AssistantMessage) for message in turn.messages)
        turn.sent = self._requests.body(prompt, self.reserve, priority=-replies)
        try:
            with self._gate.admitted(prompt.messages, turn.tokens + self.reserve) as notices:
                turn.notices += notices
                result = self._chat.ask(turn.sent)
        except ContextOverflow as error:
            self._learn(error, prompt)
            raise
        turn.notices += result.notices
        usage = self._usage(turn, result.spoken, prompt)
        return _reply(turn, result, self._judge(turn, result.spoken), usage)

    def _learn(self, error: ContextOverflow, prompt: Prompt) -> None:
        """A server that refuses for length often says how long the prompt and the window are."""
        if error.prompt:
            self._tokens.learn(prompt.messages, prompt.fields, error.prompt)
        if error.window:
            self._window = min(self.window, error.window)

    def _adapt(self, turn: _Turn, found: Complaint) -> None:
        """Change what can be changed so that the next request is not refused.

        Raises:
            ModelError: There is nothing to change.
        """
        change = self._requests.change(found, turn.format, turn.sent)
        below = next_below(turn.format)
        if change is None or (change.step_down and below is None):
            raise self._chat.error(found)
        if not change.step_down or below is None:
            turn.notices.append(change.notice)
            return
        turn.notices.append(f"{change.notice}; {step(turn.format, below)}")
        turn.format = below
        self._start_at(below)

    def _unread(self, turn: _Turn, found: Complaint) -> Reply:
        """The server could not read what its model wrote, which is no reason to stop."""
        judged = judge_unread(found.whole, turn.format, turn.tools, len(turn.messages))
        turn.notices.append(found.text)
        return _reply(turn, Result(Spoken(), 0.0, 0.0), judged, Usage(prompt=turn.tokens))

    def _judge(self, turn: _Turn, spoken: Spoken) -> Judged:
        number = len(turn.messages)
        judged = judge(spoken, turn.format, turn.tools, number)
        if judged.message.calls or spoken.cut_off or not (turn.tools and spoken.token_ids):
            return judged
        # vLLM's streams lose calls that its parser does not know, and say nothing of it.
        raw = self._chat.text_of(spoken.token_ids)
        again = judge_raw(raw, turn.format, turn.tools, number)
        if not again.message.calls:
            return judged
        note = "found in what the model wrote, of which the server had lost a part"
        return replace(again, repaired=[note, *again.repaired])

    def _usage(self, turn: _Turn, spoken: Spoken, prompt: Prompt) -> Usage:
        """What the server has counted; where it does not say, what we have."""
        if spoken.usage.prompt:
            self._tokens.learn(prompt.messages, prompt.fields, spoken.usage.prompt)
            return spoken.usage
        turn.notices.append("the server tells no usage; its tokens are our own count")
        written = [spoken.reasoning, spoken.content, *(str(c.arguments) for c in spoken.calls)]
        return Usage(prompt=turn.tokens, completion=self._tokens.text("\n".join(written)))

    def _find_start(self, turn: _Turn) -> CallFormat:
        """The rung that a new conversation begins on."""
        with self._lock:
            if self._start is None and turn.tools:
                found = probe(self._attempt)
                self._start = found.start
                turn.notices += found.notices
            return self._start or "native"

    def _start_at(self, rung: CallFormat) -> None:
        """New conversations begin where the last one has come to."""
        with self._lock:
            self._start = rung

    def _attempt(self, format_: CallFormat) -> Tried:
        """Ask for one small call in one format, as often as there is something to leave out."""
        messages, tool = question()
        while True:
            prompt = self._requests.prompt(messages, [tool], format_)
            body = self._requests.body(prompt, min(PROBE_TOKENS, self.reserve))
            try:
                spoken = self._chat.ask_once(body, PROBE_SECONDS)
            except ModelUnreachable as error:
                return Tried(Outcome.UNCLEAR, one_line(str(error)))
            except Complained as refused:
                found = refused.complaint
                if found.kind is Kind.UNREAD:
                    return _tried(judge_unread(found.whole, format_, [tool], 0))
                change = self._requests.change(found, format_, body)
                if change is None or change.step_down:
                    return Tried(Outcome.REFUSED, found.text)
                continue
            if spoken.cut_off:
                return Tried(Outcome.UNCLEAR, f"{PROBE_TOKENS} tokens were not enough")
            return _tried(self._judge(_Turn(messages, [tool], format_), spoken))


def _tried(judged: Judged) -> Tried:
    if judged.message.calls:
        return Tried(Outcome.WORKS)
    return Tried(Outcome.FAILED, (judged.malformed or ["it made no call"])[0])


def _reply(turn: _Turn, result: Result, judged: Judged, usage: Usage) -> Reply:
    return Reply(
        message=judged.message.model_copy(update={"reasoning": result.spoken.reasoning}),
        usage=usage,
        cut_off=result.spoken.cut_off,
        malformed=judged.malformed,
        repaired=judged.repaired,
        notices=turn.notices,
        first_seconds=result.first_seconds,
        seconds=result.seconds,
    )
