"""What goes in and out over HTTP."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from demo_services.nlu.domain.results import EntityType


class ParseRequest(BaseModel):
    """A message to understand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1, max_length=2000)

    @field_validator("text")
    @classmethod
    def says_something(cls, text: str) -> str:
        """Blanks alone are no message; PostgreSQL takes no NUL in a text."""
        cleaned = text.replace("\x00", " ").strip()
        if not cleaned:
            raise ValueError("the text must not be blank")
        return cleaned


class EntityAnswer(BaseModel):
    """A thing named in the message; see `domain.results.Entity`."""

    type: EntityType
    value: str
    text: str
    score: float = Field(ge=0, le=1)


class ParseAnswer(BaseModel):
    """What the message says. `degraded`: the database gave no answer, no product was looked up."""

    intent: str
    confidence: float = Field(ge=0, le=1)
    runner_up: str
    margin: float = Field(ge=0, le=1)
    out_of_scope: bool
    entities: list[EntityAnswer]
    sentiment: float = Field(ge=-1, le=1)
    language: str
    model_version: str
    degraded: bool
