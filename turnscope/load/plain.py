"""Prints what others wrote: replies, ids and errors, as they are."""

import re

from rich.console import Console
from rich.text import Text

# A reply must not move the cursor or set the title of somebody's terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def say(console: Console, text: str, *, style: str = "", end: str = "\n") -> None:
    """Print without markup, emoji codes, colours of numbers, control characters and wrapping."""
    console.print(Text(CONTROL.sub("", text), style=style), end=end, soft_wrap=True)
