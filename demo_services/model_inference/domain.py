"""What a generation is, whichever model does it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

FailureReason = Literal[
    "busy",
    "timeout",
    "unavailable",
    "upstream_error",
    "broken_stream",
    "context_length_exceeded",
    "injected",
    "internal",
]

FAILURES: Mapping[FailureReason, int] = {
    "busy": 429,
    "timeout": 504,
    "unavailable": 503,
    "upstream_error": 502,
    "broken_stream": 502,
    "context_length_exceeded": 400,
    "injected": 500,
    "internal": 500,
}
"""Why a generation fails, and the HTTP status that tells a client so."""


class GenerationFailed(Exception):
    """No finished answer. `message` is one sentence fit for the client."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status, as long as none has been sent."""
        return FAILURES[self.reason]


@dataclass(frozen=True)
class Message:
    """One message of the conversation so far."""

    role: str
    content: str


@dataclass(frozen=True)
class Prompt:
    """What a model is asked: `max_tokens` bounds the answer; None leaves a choice to the model."""

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Usage:
    """Tokens as the model counted them."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Token:
    """A piece of the answer as the model gave it; most models give single tokens."""

    text: str


@dataclass(frozen=True)
class Finish:
    """The last item of a generation; `usage` is None where an upstream does not tell it."""

    reason: str
    usage: Usage | None
    model: str
    cost_usd: float | None = None


Generation = AsyncGenerator[Token | Finish, None]
"""Any number of tokens, then one Finish. Raises GenerationFailed; `aclose()` stops the model."""


class Backend(Protocol):
    """Something that generates. `in_process` is false where the work is done elsewhere."""

    provider: str
    in_process: bool
    models: tuple[str, ...]

    async def start(self) -> None:
        """Make ready; may go on in the background, see `not_ready`."""

    async def stop(self) -> None:
        """Release what `start` took."""

    def not_ready(self) -> str | None:
        """Why the models cannot answer yet, or None."""

    def generate(self, prompt: Prompt) -> Generation:
        """Begin an answer to `prompt`."""


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float


class PriceTable:
    """What tokens cost, by model."""

    def __init__(self, prices: Mapping[str, Price]) -> None:
        self._prices = prices

    def cost_usd(self, model: str, usage: Usage) -> float | None:
        """The price of one request in US dollars; None for a model without a price."""
        price = self._prices.get(model)
        if price is None:
            return None
        return (usage.input_tokens * price.input + usage.output_tokens * price.output) / 1_000_000
