"""Asks the model service for a wording, in OpenAI's form."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from demo_services.common.http_client import Neighbour, NeighbourDown, NeighbourRefused
from demo_services.dialog_manager.ports import ModelDown, Usage
from demo_services.dialog_manager.prompts import Prompt

_PATH = "/v1/chat/completions"
# Little freedom: facts are to be kept, and a courtesy need not surprise.
_TEMPERATURE = 0.2


class HttpModel:
    """`Model` over one neighbour; `model` is asked for where a turn names none."""

    def __init__(self, neighbour: Neighbour, model: str) -> None:
        self._neighbour = neighbour
        self._model = model

    async def word(self, prompt: Prompt, model: str | None) -> tuple[str, Usage]:
        """One completion."""
        try:
            reply = await self._neighbour.post_json(_PATH, self._payload(prompt, model))
            text = str(reply["choices"][0]["message"]["content"] or "")
        except (NeighbourDown, NeighbourRefused, KeyError, IndexError, TypeError) as error:
            raise ModelDown from error
        return text.strip(), _usage(reply)

    async def stream(self, prompt: Prompt, model: str | None) -> AsyncGenerator[str | Usage, None]:
        """The pieces of one completion; the Usage comes last even where the service sent none."""
        options = {"stream": True, "stream_options": {"include_usage": True}}
        payload = {**self._payload(prompt, model), **options}
        usage = Usage(model_name=payload["model"])
        try:
            async with aclosing(self._neighbour.stream_sse(_PATH, payload)) as events:
                async for _, chunk in events:
                    if "error" in chunk:
                        raise ModelDown
                    if chunk.get("usage"):
                        usage = _usage(chunk)
                    if piece := _piece(chunk):
                        yield piece
        except (NeighbourDown, NeighbourRefused, KeyError, TypeError) as error:
            raise ModelDown from error
        yield usage

    def _payload(self, prompt: Prompt, model: str | None) -> dict[str, Any]:
        return {
            "model": model or self._model,
            "messages": list(prompt.messages),
            "max_tokens": prompt.most_tokens,
            "temperature": _TEMPERATURE,
            "stop": list(prompt.stop),
        }


def _piece(chunk: dict[str, Any]) -> str:
    choices = chunk.get("choices") or [{}]
    return str((choices[0].get("delta") or {}).get("content") or "")


def _usage(reply: dict[str, Any]) -> Usage:
    counts = reply.get("usage") or {}
    return Usage(
        model_name=reply.get("model"),
        tokens_in=int(counts.get("prompt_tokens") or 0),
        tokens_out=int(counts.get("completion_tokens") or 0),
        cost_usd=float(counts.get("turnscope_cost_usd") or 0.0),
    )
