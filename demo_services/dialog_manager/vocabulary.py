"""Words of courtesy: what a model may add to facts, because it states nothing about the shop.

A list of what is allowed, not of what is forbidden: small models that were asked for a friendly
closing wrote of losses, gifts and orders that nobody had.
"""

from __future__ import annotations

FRIENDLY = frozenset(
    """
    able absolutely additional afternoon again ahead alright also always amazing another anything
    appreciate around assist assistance assistant awesome back been best brilliant certainly chat
    check choosing could course customer dear definitely delighted details else
    enjoy ever evening everything excellent fantastic feel fine from further gladly glad good
    goodbye great greetings happily happy have having hear hello help helped helpful helping here
    hesitate hope inform informed information just kind kindly know later learn lets like
    lovely make many matter message moment more morning much need needed news nice patience
    perfect please pleased pleasure question questions reach ready regarding remember right rest
    seeing shop sometime soon store super support sure take talk tell thank thanks that there these
    they things think this together touch understand update very visit visiting wait waiting
    want wanted weekend welcome well what whatever whenever will wish wishing with wonderful would
    year your yours yourself
    """.split()
)
