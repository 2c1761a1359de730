"""What native mode raises: a message for a person, and the exit code that goes with it."""

from __future__ import annotations


class NativeError(Exception):
    """Something native mode needs is missing or failed; the message says what to do.

    `exit_code`: 1 where a part failed, 2 where the machine or the call is the wrong one.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
