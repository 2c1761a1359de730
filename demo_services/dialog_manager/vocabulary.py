"""Words of courtesy: what a model may add to facts, because it states nothing about the shop.

A list of what is allowed, not of what is forbidden: small models that were asked for a friendly
closing wrote of losses, gifts and orders that nobody had.
"""

from __future__ import annotations

FRIENDLY = frozenset(
    """
    able absolutely additional afternoon again ahead alright also always another anything
    appreciate around assist assistance assistant awesome best brilliant certainly chat choosing
    could course dear definitely delighted details else enjoy evening ever everything excellent
    fantastic feel fine from glad gladly good goodbye great greetings happily happy have having
    hear hello help helped helpful helping here hesitate hope inform information just kind
    kindly know later learn lets like lovely make many message moment more morning much need
    needed news nice patience perfect please pleased pleasure question questions reach remember
    seeing shop shopping sometime soon super support sure take talk tell thank thanks that there
    these they things think this today together touch understand very visit visiting wait
    waiting want weekend welcome well what whatever whenever will wish wishing with wonderful
    would year your yours yourself
    """.split()  # noqa: SIM905 - a hundred quoted words would be read by nobody
)
