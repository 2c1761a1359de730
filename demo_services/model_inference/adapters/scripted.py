"""A model that costs no computing: answers follow from the prompt, and the time is waited."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
from dataclasses import dataclass
from itertools import pairwise

from demo_services.model_inference.domain import (
    Finish,
    Generation,
    GenerationFailed,
    Prompt,
    Token,
    Usage,
)

MODEL = "scripted"

_OPENERS = ("", "Sure. ", "Of course. ", "Thank you. ", "Happy to help. ")
_TOKEN = re.compile(r"\s*\S+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Script:
    """How the scripted model behaves; times in seconds, `error_rate` from 0 to 1."""

    first_token_s: float
    token_s: float
    error_rate: float = 0.0
    seed: int = 1


class ScriptedBackend:
    """Repeats the last line it was given behind a polite opener; the same prompt, the same answer.

    Where the prompt has examples, the nearest one decides: if its answer does not repeat its
    question, that answer is given. A token is a word. Any number of answers may run at once,
    because waiting needs no core.
    """

    provider = "scripted"
    in_process = True
    models: tuple[str, ...] = (MODEL,)

    def __init__(self, script: Script) -> None:
        self._script = script
        self._dice = random.Random(script.seed)  # noqa: S311 - which answers fail must be repeatable

    async def start(self) -> None:
        """Nothing to load."""

    async def stop(self) -> None:
        """Nothing to release."""

    def not_ready(self) -> str | None:
        """Always ready."""
        return None

    async def generate(self, prompt: Prompt) -> Generation:
        """See `Backend.generate`."""
        fails = self._dice.random() < self._script.error_rate
        tokens, reason = _cut(_TOKEN.findall(_answer(prompt)), prompt)
        loop = asyncio.get_running_loop()
        due = loop.time() + self._script.first_token_s
        for token in tokens:
            # Waits for a point in time: delays of many short sleeps would add up.
            await asyncio.sleep(due - loop.time())
            if fails:
                raise GenerationFailed("injected", "The scripted model failed as it was told to.")
            yield Token(token)
            due += self._script.token_s
        asked = sum(len(_TOKEN.findall(message.content)) for message in prompt.messages)
        yield Finish(reason, Usage(asked, len(tokens)), MODEL)


def _answer(prompt: Prompt) -> str:
    *before, last = prompt.messages
    examples = [
        (a.content, b.content)
        for a, b in pairwise(before)
        if (a.role, b.role) == ("user", "assistant")
    ]
    if examples:
        question, answer = max(examples, key=lambda pair: _shared(pair[0], last.content))
        if _shared(question, answer) * 2 <= len(_words(question)):
            return answer
    lines = [line.strip() for line in last.content.splitlines() if line.strip()]
    digest = hashlib.sha256(f"{prompt.seed}|{last.content}".encode()).digest()
    return _OPENERS[digest[0] % len(_OPENERS)] + (lines[-1] if lines else "How can I help?")


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _shared(one: str, other: str) -> int:
    return len(_words(one) & _words(other))


def _cut(tokens: list[str], prompt: Prompt) -> tuple[list[str], str]:
    whole = "".join(tokens)
    ends = [at for stop in prompt.stop if (at := whole.find(stop)) >= 0]
    if ends:
        tokens = _TOKEN.findall(whole[: min(ends)])
    if len(tokens) > prompt.max_tokens:
        return tokens[: prompt.max_tokens], "length"
    return tokens, "stop"
