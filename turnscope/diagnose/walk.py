"""`turnscope walk`: from a number to its trace to its log lines, the three printed together."""

import json

from rich.console import Console

from turnscope.diagnose.chain import follow
from turnscope.diagnose.clock import REAL_CLOCK, Clock
from turnscope.diagnose.walk_data import as_data
from turnscope.diagnose.walk_view import print_chain
from turnscope.stores import Addresses, StoreError, Stores, open_stores


def run_walk(
    endpoints: Addresses,
    trace_id: str | None,
    console: Console,
    as_json: bool = False,
    clock: Clock = REAL_CLOCK,
) -> int:
    """Print the chain of the slowest turn of the last 15 minutes, or of the trace given.

    0: the chain is whole. 1: a link is missing or a store does not answer. 2: no trace id.
    """
    try:
        with open_stores(endpoints) as stores:
            return walk(stores, trace_id, console, as_json, clock)
    except StoreError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return 1


def walk(
    stores: Stores,
    trace_id: str | None,
    console: Console,
    as_json: bool = False,
    clock: Clock = REAL_CLOCK,
) -> int:
    """As `run_walk`, over stores that are open. Raises StoreError when one does not answer."""
    try:
        chain = follow(stores, trace_id, clock)
    except ValueError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return 2
    if as_json:
        console.print_json(json.dumps(as_data(chain)))
    else:
        print_chain(console, chain)
    return 1 if chain.missing else 0
