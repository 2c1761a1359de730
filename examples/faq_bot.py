"""The smallest assistant there is: one question, one answer. Five of its lines are Turnscope's.

    pip install turnscope openai uvicorn
    OPENAI_BASE_URL=http://127.0.0.1:8003/v1 FAQ_BOT_MODEL=smollm2 python examples/faq_bot.py
    curl 127.0.0.1:8010/ask -H 'content-type: application/json' -d '{"question": "Are you open?"}'

Any OpenAI-compatible address will do; without one it asks the model service of a running demo.
Its turns, traces and log lines are then where those of the demo are, as service "faq-bot".
"""

from __future__ import annotations

import os
from uuid import UUID

import uvicorn
from fastapi import FastAPI, HTTPException
from openai import AsyncOpenAI, OpenAIError
from pydantic import BaseModel, Field

from turnscope.instrument import instrument

FACTS = (
    "Answer the customer's question in one or two sentences, from these facts only. "
    "The shop is open from 9 to 18, Monday to Saturday. Parcels take three working days. "
    "Returns are free for 30 days."
)
MODEL = os.environ.get("FAQ_BOT_MODEL", "smollm2")

app = FastAPI(title="FAQ bot")
telemetry = instrument(app, service_name="faq-bot")
models = AsyncOpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8003/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "not needed here"),
    timeout=30,
)


class Question(BaseModel):
    """Body of POST /ask. `user` is whatever the shop calls a customer; it leaves as a pseudonym."""

    question: str = Field(min_length=1, max_length=500)
    session_id: UUID | None = None
    user: str | None = Field(default=None, max_length=100)


@app.post("/ask")
async def ask(body: Question) -> dict[str, str]:
    """The answer, and the ids by which the turn can be found."""
    session_id = str(body.session_id) if body.session_id else None
    with telemetry.turn(session_id=session_id, user_id=body.user, user_query=body.question) as turn:
        try:
            completion = await models.chat.completions.create(
                model=MODEL,
                max_tokens=80,
                messages=[
                    {"role": "system", "content": FACTS},
                    {"role": "user", "content": body.question},
                ],
            )
        except OpenAIError as error:
            turn.failed("model_unavailable")
            raise HTTPException(503, "There is no answer right now; try again later.") from error
        reply = completion.choices[0].message.content or ""
        tokens = completion.usage.total_tokens if completion.usage else None
        turn.answered(reply, model_name=MODEL, tokens_used=tokens)
    return {"answer": reply, "session_id": turn.session_id, "turn_id": turn.turn_id}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("FAQ_BOT_PORT", "8010")))
