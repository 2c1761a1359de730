"""The dialog manager with its database and neighbours played by small stand-ins."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi.testclient import TestClient

from demo_services.dialog_manager.app import create_app
from demo_services.dialog_manager.domain import (
    Answered,
    Found,
    Limits,
    conclude,
    decide,
    outcome_at_end,
    settle,
)
from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.moves import Lookup, Move
from demo_services.dialog_manager.ports import (
    Answer,
    Claim,
    Ended,
    ModelDown,
    NotAdmitted,
    Opened,
    StoreDown,
    Usage,
)
from demo_services.dialog_manager.prompts import Prompt
from demo_services.dialog_manager.replies import plain_reply
from demo_services.dialog_manager.settings import DialogSettings
from demo_services.dialog_manager.slots import Entity, Heard
from demo_services.dialog_manager.state import DialogState
from turnscope.instrument import Telemetry
from turnscope.instrument.in_memory import InMemoryTelemetry

SHIPPED = {
    "number": "1004711",
    "state": "shipped",
    "carrier": "DHL",
    "tracking_code": "TR123456789",
    "ordered_on": "2026-03-01",
    "shipped_on": "2026-03-03",
    "expected_on": "2026-03-06",
    "delivered_on": None,
    "total_eur": "49.90",
    "refund_state": "none",
    "refund_eur": None,
    "cancellable": False,
    "returnable_until": None,
}
PREPARED = {**SHIPPED, "state": "in_preparation", "cancellable": True, "shipped_on": None}
PRODUCT = {
    "sku": "HOM-000001",
    "price_eur": "19.90",
    "in_stock": 4,
    "restocked_on": None,
    "delivery_days": 3,
    "warranty_months": 24,
}
ARTICLE = {"topic": "any", "title": "Any", "text": "Standard shipping costs 4.90 EUR."}


def heard(intent: str, *entities: Entity, **more: Any) -> Heard:
    """A clear parse unless `more` says otherwise."""
    return Heard(**{"intent": intent, "confidence": 0.9, "margin": 0.7, **more}, entities=entities)


def order(number: str = "1004711") -> Entity:
    """An order number as NLU finds it."""
    return Entity("order_number", number, number)


class Talk:
    """A session as the policy sees it, without network or store; `records` answer the look-ups."""

    def __init__(self, records: dict[str, Any] | None = None) -> None:
        self.state = DialogState()
        self.records = {"orders": SHIPPED, "products": PRODUCT, "articles": ARTICLE}
        self.records.update(records or {})
        self.last: Move = Move(self.state)

    def say(self, text: str, parse: Heard | None) -> Move:
        """One message; returns the settled move."""
        move = decide(self.state, parse, text, Limits())
        if move.lookup:
            move = conclude(move, self._answer(move.lookup))
        self.last = settle(self.state, move)
        self.state = replace(self.last.state, last_reply=plain_reply(self.last))
        return self.last

    def hear(self, intent: str, *entities: Entity, text: str = "a message", **more: Any) -> str:
        """One message with that parse; returns the act."""
        return str(self.say(text, heard(intent, *entities, **more)).act)

    def _answer(self, lookup: Lookup) -> Answered:
        record = self.records[lookup.source]
        if isinstance(record, Found):
            return Answered(record)
        return Answered(Found.RECORD, record)


@dataclass
class MemoryStore:
    """`Store` in memory; `down` makes it fail, one claim a session at a time."""

    down: bool = False
    lose_claims: bool = False
    ended: dict[str, Ended] = field(default_factory=dict)
    states: dict[str, DialogState] = field(default_factory=dict)
    turns: dict[str, tuple[str, int]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    claimed: dict[str, str] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)

    def _check(self, session_id: str | None = None) -> None:
        if self.down:
            raise StoreDown
        if session_id is not None and session_id not in self.states:
            raise NotAdmitted("unknown_session")

    async def open_turn(
        self,
        session_id: str,
        turn_id: str,
        *,
        new_session: bool,
        user_id: str | None,
        source_id: str | None,
    ) -> Opened:
        self._check()
        began = new_session and session_id not in self.states
        if began:
            self.states[session_id] = DialogState()
        self._check(session_id)
        if turn_id in self.answers:
            return Opened(self.turns[turn_id][1], self.answers[turn_id])
        if session_id in self.ended:
            raise NotAdmitted("session_ended")
        index = sum(1 for session, _ in self.turns.values() if session == session_id) + 1
        self.turns.setdefault(turn_id, (session_id, index))
        return Opened(self.turns[turn_id][1], began=began)

    async def claim_turn(self, session_id: str, turn_id: str) -> Claim | Answer:
        self._check(session_id)
        if turn_id not in self.turns:
            raise NotAdmitted("unknown_turn")
        if turn_id in self.answers:
            return self.answers[turn_id]
        if session_id in self.claimed:
            raise NotAdmitted("turn_in_progress")
        self.claimed[session_id] = turn_id
        return Claim(session_id, turn_id, 1, self.states[session_id])

    async def finish_turn(self, claim: Claim, state: DialogState, answer: Answer) -> None:
        self._check()
        if self.lose_claims:
            raise NotAdmitted("turn_in_progress")
        self.states[claim.session_id] = state
        self.answers[claim.turn_id] = json.loads(json.dumps(answer))
        self.claimed.pop(claim.session_id, None)
        if answer["outcome"]:
            ended = Ended(claim.session_id, answer["outcome"], 1, now=True)
            self.ended[claim.session_id] = ended

    async def release_turn(self, claim: Claim) -> None:
        self.released.append(claim.turn_id)
        self.claimed.pop(claim.session_id, None)
        self._check()

    async def end_session(self, session_id: str) -> Ended:
        self._check(session_id)
        if session_id in self.ended:
            return replace(self.ended[session_id], now=False)
        outcome = outcome_at_end(self.states[session_id])
        self.ended[session_id] = Ended(session_id, outcome, len(self.answers), now=True)
        return self.ended[session_id]

    async def end_idle_sessions(self, idle_s: float, most: int) -> list[Ended]:
        self._check()
        return []

    async def read_session(self, session_id: str) -> dict[str, Any]:
        self._check(session_id)
        return {"session_id": session_id, "outcome": None}

    async def check(self) -> None:
        self._check()


@dataclass
class Shop:
    """`Knowledge` from a dictionary of record or Found by source."""

    records: dict[str, Any] = field(
        default_factory=lambda: {"orders": SHIPPED, "products": PRODUCT, "articles": ARTICLE}
    )
    asked: list[Lookup] = field(default_factory=list)

    async def look_up(self, lookup: Lookup) -> Answered:
        self.asked.append(lookup)
        record = self.records[lookup.source]
        return Answered(record) if isinstance(record, Found) else Answered(Found.RECORD, record)


@dataclass
class Parrot:
    """`Model` that writes `text`, `{plain}` standing for what it was asked to word."""

    text: str = "Good news: {plain}"
    kind: str = "I hope you have a wonderful day!"
    down: bool = False
    breaks_off: bool = False
    closed: int = 0
    asked: list[tuple[Prompt, str | None]] = field(default_factory=list)

    async def word(self, prompt: Prompt, model: str | None) -> tuple[str, Usage]:
        self.asked.append((prompt, model))
        if self.down:
            raise ModelDown
        plain = prompt.messages[-1]["content"]
        text = self.text if "Repeat" in prompt.messages[0]["content"] else self.kind
        return text.replace("{plain}", plain), Usage("parrot", 20, 5, 0.001)

    async def stream(self, prompt: Prompt, model: str | None) -> AsyncGenerator[str | Usage, None]:
        text, usage = await self.word(prompt, model)
        try:
            for word in text.split(" "):
                yield f"{word} "
                if self.breaks_off:
                    raise ModelDown
            yield usage
        finally:
            self.closed += 1


@dataclass
class Stage:
    """A client of the service, its stand-ins, and what the service said of itself."""

    client: TestClient
    store: MemoryStore
    shop: Shop
    model: Parrot
    telemetry: InMemoryTelemetry
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def open(self, turn_id: str | None = None, *, new: bool = False) -> str:
        """Open a turn of the stage's session; returns its id."""
        turn_id = turn_id or str(uuid.uuid4())
        body = {"session_id": self.session_id, "turn_id": turn_id, "new_session": new}
        reply = self.client.post("/turns/open", json=body)
        assert reply.status_code == 200, reply.text
        return turn_id

    def body(self, turn_id: str, intent: str | None, text: str, entities: Any = ()) -> Any:
        """The body of a turn; `intent` None stands for an NLU that is down."""
        found = [{"type": kind, "value": value, "text": value} for kind, value in entities]
        parse = {"intent": intent, "confidence": 0.9, "margin": 0.7, "entities": found}
        return {
            "session_id": self.session_id,
            "turn_id": turn_id,
            "text": text,
            "parse": parse if intent else None,
        }

    def ask(self, intent: str | None, text: str = "a message", entities: Any = ()) -> Any:
        """Open and run a turn; returns its answer."""
        turn_id = self.open(new=not self.store.turns)
        reply = self.client.post("/turns", json=self.body(turn_id, intent, text, entities))
        assert reply.status_code == 200, reply.text
        return reply.json()

    def stream(self, intent: str | None, text: str = "a message", entities: Any = ()) -> Any:
        """Open and stream a turn; returns its tokens and its answer, None where there was none."""
        turn_id = self.open(new=not self.store.turns)
        body = self.body(turn_id, intent, text, entities)
        return read_events(self.client.post("/turns/stream", json=body).text)

    def metric(self, name: str, **labels: str) -> float | None:
        """The present value of a Prometheus series."""
        return self.telemetry.registry.get_sample_value(name, labels)


def read_events(text: str) -> tuple[list[str], Any]:
    """The texts of the token events, and the answer."""
    tokens, answer = [], None
    for event in text.strip().split("\n\n"):
        if not event:
            continue
        name, data = event.split("\n")
        fields = json.loads(data.removeprefix("data: "))
        if name == "event: token":
            tokens.append(fields["text"])
        else:
            answer = fields
    return tokens, answer


@contextmanager
def raised_stage() -> Iterator[Stage]:
    """The service over stand-ins, started."""
    telemetry = Telemetry.in_memory("dialog_manager")
    store, shop, model = MemoryStore(), Shop(), Parrot()
    instruments = DialogInstruments.of(telemetry)
    app = create_app(
        DialogSettings(), telemetry, instruments, store=store, knowledge=shop, model=model
    )
    with TestClient(app) as client:
        yield Stage(client, store, shop, model, telemetry)
