"""Asks a server for replies, as often as makes sense, and says what came of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.model.base import ModelError, ModelUnreachable
from agent.model.clean import clean_text
from agent.model.complaints import Complaint, Kind, complaint, is_complaint, one_line
from agent.model.deadline import Deadlines
from agent.model.exchange import PATH, exchange
from agent.model.retry import Patience, TryAgain
from agent.model.served import CHECK_SECONDS, Directory
from agent.model.server import Answer, Closed, NoAnswer, Server
from agent.model.spoken import Spoken, Unreadable, read_answer

_MENDABLE = (Kind.UNREAD, Kind.TOOLS, Kind.HISTORY, Kind.REFUSED)


class Complained(Exception):
    """The server will not answer this request as it is; another form of it may do."""

    def __init__(self, found: Complaint) -> None:
        super().__init__(found.text)
        self.complaint = found


@dataclass(frozen=True, slots=True)
class Result:
    """An answer with a reply in it."""

    spoken: Spoken
    first_seconds: float
    seconds: float
    notices: list[str] = field(default_factory=list)
    """What people should know: how long the server was waited for."""


class Chat:
    """One server's chat completions.

    Args:
        server: Where they are.
        directory: Which models it has.
        deadlines: How long a reply may take.
        patience: How failures that may pass are retried.
        tell: Is told of a wait when it begins.
    """

    def __init__(
        self,
        server: Server,
        directory: Directory,
        deadlines: Deadlines,
        patience: Patience,
        tell: Callable[[str], None] | None,
    ) -> None:
        self._server = server
        self._directory = directory
        self._deadlines = deadlines
        self._patience = patience
        self._tell = tell

    @property
    def url(self) -> str:
        """Where requests go."""
        return f"{self._server.url}{PATH}"

    def ask(self, body: Mapping[str, Any]) -> Result:
        """The answer to a request, after the retries that make sense.

        Raises:
            Complained: The request has to be changed.
            ModelError: There is no answer to be had.
        """
        waits = _Waits(self._tell)
        answer, spoken = self._patience.keep_trying(
            lambda: self._try(body, self._deadlines), waits.waiting
        )
        return Result(spoken, answer.first_seconds, answer.seconds, waits.told)

    def ask_once(self, body: Mapping[str, Any], seconds: float) -> Spoken:
        """The answer to a request that is made once.

        Raises:
            Complained: The request has to be changed.
            ModelUnreachable: There was none in time, or the server failed.
            ModelError: As for :meth:`ask`.
        """
        try:
            return self._try(body, Deadlines(seconds, seconds, seconds))[1]
        except TryAgain as failure:
            raise ModelUnreachable(str(failure)) from None

    def error(self, found: Complaint) -> ModelError:
        """The error to raise for a complaint that there is no way out of."""
        error = found.error(self.url)
        return self._directory.not_found(error) if found.kind is Kind.MODEL else error

    def text_of(self, token_ids: Sequence[int]) -> str:
        """What a model wrote, from its tokens; empty where the server (vLLM) does not tell."""
        body = {"model": self._directory.name, "tokens": token_ids}
        try:
            answer = self._server.post("/detokenize", body, seconds=CHECK_SECONDS, at_root=True)
        except NoAnswer:
            return ""
        found = answer.body
        text = found.get("prompt") if isinstance(found, dict) else None
        return clean_text(text) if isinstance(text, str) else ""

    def _try(self, body: Mapping[str, Any], deadlines: Deadlines) -> tuple[Answer, Spoken]:
        try:
            answer = exchange(self._server, body, deadlines)
        except Closed as error:
            raise ModelUnreachable(f"no reply from {self.url}: {error}") from None
        except NoAnswer as error:
            unreachable = ModelUnreachable(f"no reply from {self.url}: {error}")
            raise TryAgain(unreachable, away=error.away) from None
        parsed = answer.body
        if answer.status == 200 and parsed is not None and not is_complaint(parsed):
            return answer, self._read(parsed)
        found = complaint(answer.status, self._server.without_key(answer.text))
        if found.kind in _MENDABLE:
            raise Complained(found)
        if found.worth_another_try:
            raise TryAgain(found.error(self.url), answer.wait, away=found.kind is Kind.AWAY)
        raise self.error(found)

    def _read(self, parsed: Any) -> Spoken:
        try:
            spoken = read_answer(parsed)
        except Unreadable as error:
            came_back = one_line(self._server.without_key(json.dumps(parsed)))
            raise ModelUnreachable(f"{self.url} answered with {error}: {came_back}") from None
        if spoken.gave_up:
            raise TryAgain(ModelUnreachable(f"{self.url} gave up in the middle of a reply"))
        return spoken


class _Waits:
    """Tells of pauses while they last, and sums them up."""

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self._tell = tell
        self._seconds = 0.0
        self._reason = ""

    def waiting(self, reason: str, seconds: float) -> None:
        """A pause is about to begin."""
        if self._tell is not None and reason != self._reason:
            self._tell(f"waiting for the model: {reason}")
        self._reason = reason
        self._seconds += seconds

    @property
    def told(self) -> list[str]:
        """One line on all the pauses, if there were any."""
        if not self._reason:
            return []
        return [f"waited {self._seconds:.0f} s for the model: {self._reason}"]
