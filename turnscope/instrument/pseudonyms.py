"""Keyed pseudonyms: the same user gets the same name, and nobody without the key can undo it."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

# 96 bits: no two of a billion users share a name by chance (p < 1e-11), and log lines stay short.
_HEX_DIGITS = 24


class Pseudonyms:
    """HMAC-SHA256 under one key."""

    def __init__(self, key: str) -> None:
        self._key = (key or secrets.token_hex(32)).encode()

    def of(self, identifier: str) -> str:
        """`u-` and 24 hexadecimal digits."""
        digest = hmac.new(self._key, identifier.encode("utf-8", "replace"), sha256).hexdigest()
        return f"u-{digest[:_HEX_DIGITS]}"
