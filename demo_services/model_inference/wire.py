"""The OpenAI form of requests, answers, stream chunks and errors."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator

from demo_services.model_inference.domain import Finish, Message, Prompt, Token, Usage

DONE = b"data: [DONE]\n\n"

_StopText = Annotated[str, Field(min_length=1, max_length=64)]


class TextPart(BaseModel):
    """A piece of a message; text is the only kind there is here."""

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """One message of the request."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    def plain(self) -> Message:
        """The message with its parts joined; `developer` is the newer name of `system`."""
        role = "system" if self.role == "developer" else self.role
        if isinstance(self.content, str):
            return Message(role, self.content)
        return Message(role, "".join(part.text for part in self.content))


class StreamOptions(BaseModel):
    """Options of a streamed answer."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """Body of POST /v1/chat/completions; fields that do not change the answer are ignored."""

    model: str = Field(min_length=1, max_length=128)
    messages: list[ChatMessage] = Field(min_length=1, max_length=256)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    stop: _StopText | Annotated[list[_StopText], Field(max_length=4)] | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    # Left unanswered these would change what the caller gets: better said than ignored.
    tools: None = None
    functions: None = None
    response_format: None = None
    logprobs: Literal[False] | None = None

    @field_validator("tools", "functions", "response_format", mode="before")
    @classmethod
    def _not_offered(cls, given: object) -> object:
        if given is not None:
            raise ValueError("is not offered here")
        return given

    def prompt(self, *, default_tokens: int, most_tokens: int) -> Prompt:
        """What the model is asked; the answer's length is brought within `most_tokens`."""
        wanted = self.max_completion_tokens or self.max_tokens or default_tokens
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        return Prompt(
            model=self.model,
            messages=tuple(message.plain() for message in self.messages),
            max_tokens=min(wanted, most_tokens),
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=stop,
        )


class Completion:
    """Writes one completion in OpenAI form; every part carries the same id."""

    def __init__(self, completion_id: str, model: str) -> None:
        self._head = {"id": completion_id, "created": int(time.time()), "model": model}

    def whole(self, text: str, finish: Finish) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish.reason}
        body = {**self._head, "object": "chat.completion", "choices": [choice]}
        return {**body, "usage": _usage(finish)}

    def opening(self) -> bytes:
        """The chunk that names the role."""
        return self._chunk({"role": "assistant", "content": ""}, None)

    def token(self, token: Token) -> bytes:
        """The chunk of one token."""
        return self._chunk({"content": token.text}, None)

    def closing(self, finish: Finish) -> bytes:
        """The chunk that tells why the answer ends."""
        return self._chunk({}, finish.reason)

    def usage(self, finish: Finish) -> bytes:
        """The chunk of `stream_options.include_usage`."""
        chunk = {**self._head, "object": "chat.completion.chunk", "choices": []}
        return event({**chunk, "usage": _usage(finish)})

    def _chunk(self, delta: dict[str, str], finish_reason: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return event({**self._head, "object": "chat.completion.chunk", "choices": [choice]})


def new_completion_id() -> str:
    """An id for a completion, as OpenAI's clients expect it to look."""
    return f"chatcmpl-{uuid.uuid4().hex}"


def event(data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def model_list(models: Iterable[str], created: int) -> dict[str, Any]:
    """The body of GET /v1/models; `created` is when this service started, Unix seconds."""
    entries = [
        {"id": model, "object": "model", "created": created, "owned_by": "turnscope"}
        for model in models
    ]
    return {"object": "list", "data": entries}


def error_form(status: int, reason: str, message: str) -> dict[str, Any]:
    """An error as OpenAI's clients read it; `code` is the reason."""
    if status == 429:
        kind = "rate_limit_error"
    else:
        kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": reason}}


def _usage(finish: Finish) -> dict[str, Any] | None:
    usage: Usage | None = finish.usage
    if usage is None:
        return None
    told: dict[str, Any] = {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
    if finish.cost_usd is not None:
        # An extension: whoever pays for a turn learns its price with its tokens.
        told["turnscope_cost_usd"] = finish.cost_usd
    return told
