"""The JSON bodies of the interface."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, Field

from demo_services.dialog_manager.slots import Entity, Heard


class OpenBody(BaseModel):
    """Body of POST /turns/open."""

    session_id: UUID
    turn_id: UUID
    new_session: bool
    user_id: str | None = Field(default=None, max_length=128)
    source_id: str | None = Field(default=None, max_length=256)


class EntityBody(BaseModel):
    """One entity of a parse."""

    type: str = Field(max_length=64)
    value: str = Field(max_length=256)
    text: str = Field(default="", max_length=256)
    score: float = 1.0


class ParseBody(BaseModel):
    """What of NLU's answer the policy reads; the other fields are let pass."""

    intent: str = Field(max_length=64)
    confidence: float
    margin: float
    runner_up: str | None = None
    out_of_scope: bool = False
    entities: list[EntityBody] = Field(default_factory=list, max_length=64)

    def heard(self) -> Heard:
        """The parse as the policy takes it."""
        return Heard(
            intent=self.intent,
            confidence=self.confidence,
            margin=self.margin,
            runner_up=self.runner_up,
            out_of_scope=self.out_of_scope,
            entities=tuple(
                Entity(one.type, one.value, one.text, one.score) for one in self.entities
            ),
        )


class TurnBody(BaseModel):
    """Body of POST /turns and POST /turns/stream."""

    session_id: UUID
    turn_id: UUID
    text: str = Field(max_length=20_000)
    parse: ParseBody | None = None
    model: str | None = Field(default=None, max_length=128)
