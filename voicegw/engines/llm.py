"""Language models, by the OpenAI chat protocol."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: str
    """``system``, ``user`` or ``assistant``."""
    content: str


@dataclass(frozen=True)
class Limits:
    """What a completion may be."""

    max_tokens: int = 96
    temperature: float = 0.0
    json_schema: dict[str, object] | None = None
    """Only text that fits this JSON Schema can be produced (servers that can: llama.cpp, vLLM)."""
    grammar: str | None = None
    """GBNF, for llama.cpp servers."""
    timeout_s: float = 10.0


class LanguageModel(Protocol):
    """A chat model. One call of ``stream`` is one completion."""

    def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[str, None]:
        """Pieces of text as they are written. Closing the generator cancels the completion on the server.

        :raises ServerAway: nothing answers at the URL.
        :raises EngineError: the server answered with an error, or too late.
        """

    async def warm_up(self, messages: Sequence[Message]) -> None:
        """Let the server cache this prefix."""
