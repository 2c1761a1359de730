"""Any OpenAI-compatible service as a backend."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from demo_services.common.http_client import Neighbour, NeighbourDown, NeighbourRefused
from demo_services.model_inference.domain import (
    FailureReason,
    Finish,
    Generation,
    GenerationFailed,
    Prompt,
    Token,
    Usage,
)

_DOWN: dict[str, FailureReason] = {
    "timeout": "timeout",
    "refused": "unavailable",
    "circuit_open": "unavailable",
    "status": "upstream_error",
    "broken_stream": "broken_stream",
}


class UpstreamBackend:
    """Forwards prompts to `upstream`, always streaming, so that the first token can be timed."""

    in_process = False

    def __init__(self, upstream: Neighbour, models: tuple[str, ...], provider: str) -> None:
        self._upstream = upstream
        self.models = models
        self.provider = provider

    async def start(self) -> None:
        """Nothing is asked of an upstream before there is a prompt: asking may cost money."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._upstream.aclose()

    def not_ready(self) -> str | None:
        """An upstream counts as ready; when it is not, its answers tell."""
        return None

    async def generate(self, prompt: Prompt) -> Generation:
        """See `Backend.generate`."""
        reason, usage, model = "stop", None, prompt.model
        try:
            events = self._upstream.stream_sse("chat/completions", _payload(prompt))
            async with aclosing(events):
                async for _, chunk in events:
                    if "error" in chunk:
                        raise GenerationFailed(
                            "upstream_error", "The upstream gave up in the middle of its answer."
                        )
                    model = chunk.get("model") or model
                    usage = _usage(chunk) or usage
                    for choice in chunk.get("choices", ()):
                        text = (choice.get("delta") or {}).get("content")
                        if text:
                            yield Token(text)
                        reason = choice.get("finish_reason") or reason
        except NeighbourDown as down:
            raise GenerationFailed(
                _DOWN[down.reason], f"The upstream gave no answer: {down.reason}."
            ) from down
        except NeighbourRefused as refused:
            raise _refusal(refused) from refused
        yield Finish(reason, usage, model)


def _payload(prompt: Prompt) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "model": prompt.model,
        "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
        "max_tokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "top_p": prompt.top_p,
        "seed": prompt.seed,
        "stop": list(prompt.stop) or None,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return {key: value for key, value in payload.items() if value is not None}


def _usage(chunk: dict[str, Any]) -> Usage | None:
    told = chunk.get("usage")
    if not isinstance(told, dict):
        return None
    return Usage(int(told.get("prompt_tokens", 0)), int(told.get("completion_tokens", 0)))


def _refusal(refused: NeighbourRefused) -> GenerationFailed:
    if refused.status == 429:
        return GenerationFailed("busy", "The upstream is busy; try again in a moment.")
    # Its own sentence stays away: it may quote the prompt or the key.
    return GenerationFailed(
        "upstream_error", f"The upstream refused the request with status {refused.status}."
    )
