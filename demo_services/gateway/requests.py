"""What clients may send: anything else is refused with one sentence."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# Longer than any sensible identifier; what is longer is a mistake or an attack.
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChatRequest(_Body):
    """One user message. A missing session_id opens a session; turn_id is the idempotency key."""

    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    session_id: UUID | None = None
    turn_id: UUID | None = None
    user_id: Identifier | None = None
    model: Annotated[str, StringConstraints(pattern=r"^[\w./:-]{1,64}$")] | None = None
    source_id: Annotated[str, StringConstraints(pattern=r"^[\w./:-]{1,128}$")] | None = None


class FeedbackRequest(_Body):
    """A rating from 1 to 5 or a thumb, with or without a comment, on a turn or a session."""

    session_id: UUID
    turn_id: UUID | None = None
    rating: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    thumbs: Literal["up", "down"] | None = None
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> FeedbackRequest:
        if self.rating is None and self.thumbs is None:
            raise ValueError("give a rating from 1 to 5 or thumbs up or down")
        return self
