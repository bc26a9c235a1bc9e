"""What a conversation is made of, and what any model, served or embedded, must be able to do.

.. code-block:: text

    ModelError
    ├── ModelUnreachable   no server, or it kept failing; the run can be resumed later
    ├── ModelRefused       the server will not take this request (key, model name, field)
    └── ContextOverflow    the conversation no longer fits the model's window
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field


class ModelError(Exception):
    """The model could not be asked; nothing about the patch follows from it."""


class ModelUnreachable(ModelError):
    """The server is not there, does not answer in time, or answers with something else."""


class ModelRefused(ModelError):
    """The server understood the request and will not do it, now or on another try."""


class ContextOverflow(ModelError):
    """The conversation, with what is kept free for a reply, is longer than the model's window.

    Args:
        message: What happened, for people.
        prompt: Tokens of the conversation, where somebody has counted them; at least so many.
        window: Tokens of the window, where it is known.
    """

    def __init__(self, message: str, prompt: int | None = None, window: int | None = None) -> None:
        super().__init__(message)
        self.prompt = prompt
        self.window = window


class ToolCall(BaseModel):
    """One call that the model asks for; its arguments are JSON already parsed."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    arguments: dict[str, Any]


class SystemMessage(BaseModel):
    """The rules of the conversation."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system"] = "system"
    content: str


class UserMessage(BaseModel):
    """The task, and what the harness has to say later."""

    model_config = ConfigDict(frozen=True)

    role: Literal["user"] = "user"
    content: str


CallFormat = Literal["native", "json", "xml", "fenced"]
"""How calls are written: by the server's own tool calls, or in the reply's text. A ladder."""


class AssistantMessage(BaseModel):
    """What the model said, and the well-formed calls it made."""

    model_config = ConfigDict(frozen=True)

    role: Literal["assistant"] = "assistant"
    content: str = ""
    calls: list[ToolCall] = []
    call_format: CallFormat = "native"
    """How calls were to be written when the model was asked. It is kept, so that a conversation
    looks the same to the model's server however often, and from whichever process, it is sent."""
    reasoning: str = ""
    """What the model thought before it spoke, where the server tells."""
    failed: bool = False
    """The model meant to call, as far as one can tell, and no call could be read."""


class ToolMessage(BaseModel):
    """The observation that answers one call."""

    model_config = ConfigDict(frozen=True)

    role: Literal["tool"] = "tool"
    call_id: str
    name: str
    content: str


Message = Annotated[
    SystemMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")
]


class ToolSchema(BaseModel):
    """A tool as the model is told of it."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of the arguments object."""


class Usage(BaseModel):
    """Tokens of one reply, as the server counted them."""

    model_config = ConfigDict(frozen=True)

    prompt: int = 0
    cached: int = 0
    """Of ``prompt``, how many the server took from its prefix cache."""
    completion: int = 0

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion


class Reply(BaseModel):
    """One answer of a model."""

    model_config = ConfigDict(frozen=True)

    message: AssistantMessage
    usage: Usage = Usage()
    cut_off: bool = False
    """The server stopped at its token limit; no call of such a reply is in ``message``."""
    malformed: list[str] = []
    """One line for each call that could not be parsed; they are not in ``message``."""
    repaired: list[str] = []
    """One line for each thing that was mended in a call of ``message``."""
    notices: list[str] = []
    """What people should know of how the reply came about: waits, another way of calling."""
    first_seconds: float = 0.0
    """From the request to the first token, as far as the server streams."""
    seconds: float = 0.0
    """From the request to the end of the reply."""


@runtime_checkable
class Windowed(Protocol):
    """What a model can do besides, whose window a conversation may outgrow."""

    @property
    def reserve(self) -> int:
        """Tokens of the window that are kept free for a reply."""
        ...

    def count_conversation(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> int:
        """Tokens of the prompt that asks for the next reply, template and tools included.

        Exact where the server counts, else an estimate on the high side.
        """
        ...


class Model(Protocol):
    """Answers a conversation with text, tool calls, or both."""

    @property
    def name(self) -> str:
        """The model's name, for people and for the record of the run."""
        ...

    @property
    def window(self) -> int:
        """Tokens that prompt and reply may fill together."""
        ...

    def check(self) -> None:
        """Return when the model can be asked; raise a ``ModelError`` that says why it cannot."""
        ...

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next message of the conversation.

        Raises:
            ModelUnreachable: After the retries that make sense.
            ModelRefused: The request will never succeed as it is.
            ContextOverflow: The conversation is too long for the window.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs this model; an estimate errs on the high side."""
        ...
