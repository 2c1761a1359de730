"""`turnscope walk`: from a number to its trace to its log lines, the three printed together."""

import json

from rich.console import Console

from turnscope.diagnose.chain import Chain, Clock, follow
from turnscope.diagnose.walk_data import as_data
from turnscope.diagnose.walk_view import print_chain
from turnscope.stores import Addresses, StoreError, open_stores

REAL_CLOCK = Clock()


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
            chain = follow(stores, trace_id, clock)
    except StoreError as error:
        console.print(str(error), markup=False)
        return 1
    except ValueError as error:
        console.print(str(error), markup=False)
        return 2
    _print(chain, console, as_json)
    return 1 if chain.missing else 0


def _print(chain: Chain, console: Console, as_json: bool) -> None:
    if as_json:
        console.print_json(json.dumps(as_data(chain)))
    else:
        print_chain(console, chain)
