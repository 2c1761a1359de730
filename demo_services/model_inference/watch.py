"""Measures a generation where its tokens pass: one span, the metrics, one log line."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opentelemetry.trace import Span, SpanKind, StatusCode, use_span

from demo_services.model_inference.domain import (
    Backend,
    Finish,
    Generation,
    GenerationFailed,
    PriceTable,
    Prompt,
    Token,
    Usage,
)
from demo_services.model_inference.instruments import ModelInstruments

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry


@dataclass
class _Course:
    """What has been seen of a generation so far; times from `time.perf_counter`, seconds."""

    began: float
    first: float | None = None
    last: float | None = None
    tokens: int = 0
    finished: bool = False

    def note_token(self) -> None:
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.tokens += 1

    def since_began(self) -> float:
        return time.perf_counter() - self.began


class GenerationWatch:
    """Wraps generations so that whoever reads them need not measure."""

    def __init__(
        self, telemetry: Telemetry, instruments: ModelInstruments, prices: PriceTable
    ) -> None:
        self._telemetry = telemetry
        self._instruments = instruments
        self._prices = prices
        self._in_progress: Counter[str] = Counter()

    async def watch(
        self, backend: Backend, prompt: Prompt, completion_id: str, *, streamed: bool
    ) -> Generation:
        """The backend's items, the Finish with its cost. Raises GenerationFailed, nothing else.

        A reader that stops early, or is cancelled, counts as a client that went away.
        """
        course = _Course(time.perf_counter())
        # Made current only where it is needed: a generator must not hold a context over a yield.
        span = self._telemetry.tracer.start_span(
            f"chat {prompt.model}",
            kind=SpanKind.INTERNAL if backend.in_process else SpanKind.CLIENT,
            attributes=_request_attributes(backend, prompt, completion_id, streamed),
        )
        self._count_in_progress(prompt.model, 1)
        try:
            async with aclosing(backend.generate(prompt)) as items:
                async for item in items:
                    if isinstance(item, Token):
                        course.note_token()
                        yield item
                    else:
                        yield self._finish(span, prompt, item, course)
        except GenerationFailed as failure:
            self._fail(span, prompt, failure, course)
            raise
        except (GeneratorExit, asyncio.CancelledError):
            # A reader may stop at the Finish instead of asking once more.
            if not course.finished:
                self._give_up(span, prompt, course)
            raise
        except Exception as error:
            unforeseen = GenerationFailed("internal", "The model failed; the log names the reason.")
            self._fail(span, prompt, unforeseen, course, error)
            raise unforeseen from error
        finally:
            self._count_in_progress(prompt.model, -1)
            span.end()

    def _count_in_progress(self, model: str, change: int) -> None:
        self._in_progress[model] += change
        self._instruments.in_progress.set(self._in_progress[model], gen_ai_request_model=model)

    def _finish(self, span: Span, prompt: Prompt, finish: Finish, course: _Course) -> Finish:
        took = course.since_began()
        course.finished = True
        label = {"gen_ai_request_model": prompt.model}
        span.set_attribute("gen_ai.response.model", finish.model)
        span.set_attribute("gen_ai.response.finish_reasons", [finish.reason])
        with use_span(span):
            self._instruments.duration.observe(took, **label)
            if course.first is not None:
                self._instruments.first_token.observe(course.first - course.began, **label)
            if course.first is not None and course.last is not None and course.tokens > 1:
                # By the model's own count where it tells: a piece of an upstream may hold several.
                tokens = finish.usage.output_tokens if finish.usage else course.tokens
                between = (course.last - course.first) / max(tokens - 1, 1)
                self._instruments.per_token.observe(between, **label)
            cost = self._charge(span, prompt, finish.usage)
            _tell_first_token(span, course)
            self._log("chat finished", prompt, course, usage=finish.usage)
        return replace(finish, cost_usd=cost)

    def _charge(self, span: Span, prompt: Prompt, usage: Usage | None) -> float | None:
        if usage is None:
            return None
        span.set_attribute("gen_ai.usage.input_tokens", usage.input_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", usage.output_tokens)
        model = prompt.model
        for kind, count in (("input", usage.input_tokens), ("output", usage.output_tokens)):
            self._instruments.tokens.observe(
                count, gen_ai_request_model=model, gen_ai_token_type=kind
            )
        cost = self._prices.cost_usd(model, usage)
        if cost is not None:
            self._instruments.cost.inc(cost, gen_ai_request_model=model)
            span.set_attribute("conversation.model.cost_usd", cost)
        return cost

    def _fail(
        self,
        span: Span,
        prompt: Prompt,
        failure: GenerationFailed,
        course: _Course,
        cause: Exception | None = None,
    ) -> None:
        self._instruments.errors.inc(gen_ai_request_model=prompt.model, reason=failure.reason)
        span.set_attribute("error.type", failure.reason)
        span.set_status(StatusCode.ERROR)
        _tell_first_token(span, course)
        with use_span(span):
            self._log("chat failed", prompt, course, failure=failure, cause=cause)

    def _give_up(self, span: Span, prompt: Prompt, course: _Course) -> None:
        self._instruments.clients_gone.inc(gen_ai_request_model=prompt.model)
        span.set_attribute("conversation.model.client_gone", True)
        span.set_attribute("gen_ai.usage.output_tokens", course.tokens)
        _tell_first_token(span, course)
        with use_span(span):
            self._log("client went away", prompt, course)

    def _log(
        self,
        what: str,
        prompt: Prompt,
        course: _Course,
        *,
        usage: Usage | None = None,
        failure: GenerationFailed | None = None,
        cause: Exception | None = None,
    ) -> None:
        fields: dict[str, object] = {
            "model_name": prompt.model,
            "latency_ms": round(course.since_began() * 1000, 1),
            "error_flag": failure is not None,
        }
        if usage is not None:
            fields["tokens_used"] = usage.input_tokens + usage.output_tokens
        if failure is not None:
            fields["reason"] = failure.reason
        log = self._telemetry.log
        (log.warning if failure else log.info)(what, extra=fields, exc_info=cause)


def _tell_first_token(span: Span, course: _Course) -> None:
    if course.first is not None:
        seconds = round(course.first - course.began, 6)
        span.set_attribute("gen_ai.response.time_to_first_chunk", seconds)


def _request_attributes(
    backend: Backend, prompt: Prompt, completion_id: str, streamed: bool
) -> dict[str, str | int | float | bool]:
    attributes: dict[str, str | int | float | bool] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": backend.provider,
        "gen_ai.request.model": prompt.model,
        "gen_ai.request.max_tokens": prompt.max_tokens,
        "gen_ai.request.stream": streamed,
        "gen_ai.response.id": completion_id,
    }
    if prompt.temperature is not None:
        attributes["gen_ai.request.temperature"] = prompt.temperature
    if prompt.seed is not None:
        attributes["gen_ai.request.seed"] = prompt.seed
    return attributes
