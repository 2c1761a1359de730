"""A checkout of the tests: nothing in it runs, and nothing of the machine's is read."""

from pathlib import Path
from typing import Any

from turnscope.deployment.ports import Ports
from turnscope.deployment.secrets import NAMES
from turnscope.native.checkout import Checkout
from turnscope.native.settings import NativeSettings
from turnscope.native.state import StateFolder

# Quotes, percent signs and what the supervisor's file takes for the start of a comment.
AWKWARD = "a 'b' \"c\" 100% ;d #e $f"


def make_checkout(folder: Path, **settings: Any) -> Checkout:
    """A checkout at `folder` with awkward secrets."""
    secrets = {name: f"{name} {AWKWARD}" for name in NAMES}
    secrets["POSTGRES_PASSWORD"] = "letters-and_digits"
    state = StateFolder(folder / ".turnscope")
    return Checkout(folder, state, NativeSettings(**settings), Ports(), secrets)
