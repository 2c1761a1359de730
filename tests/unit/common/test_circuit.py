import asyncio
from contextlib import suppress

import pytest

from demo_services.common.circuit import Circuit, CircuitOpen

pytestmark = pytest.mark.unit


class Boom(Exception):
    pass


def fail(circuit: Circuit) -> None:
    with suppress(Boom), circuit.guard(Boom):
        raise Boom


def test_a_cancelled_trial_neither_closes_the_circuit_nor_blocks_the_next_one() -> None:
    async def story() -> list[str]:
        circuit = Circuit("kb", fail_max=1, reset_s=0.0)
        fail(circuit)
        seen = [circuit.state]
        with suppress(asyncio.CancelledError), circuit.guard(Boom):
            raise asyncio.CancelledError
        seen.append(circuit.state)
        with circuit.guard(Boom):
            pass
        return [*seen, circuit.state]

    assert asyncio.run(story()) == ["open", "open", "closed"]


def test_only_one_call_at_a_time_tries_an_open_circuit_again() -> None:
    circuit = Circuit("kb", fail_max=1, reset_s=0.0)
    fail(circuit)
    with circuit.guard(Boom), pytest.raises(CircuitOpen), circuit.guard(Boom):
        pass


def test_a_trial_that_fails_keeps_the_circuit_open_for_another_while() -> None:
    circuit = Circuit("kb", fail_max=3, reset_s=0.0)
    for _ in range(4):
        fail(circuit)
    assert circuit.state == "open"


def test_an_exception_that_is_no_failure_resets_the_count() -> None:
    circuit = Circuit("kb", fail_max=2, reset_s=60)
    fail(circuit)
    with pytest.raises(KeyError), circuit.guard(Boom):
        raise KeyError
    fail(circuit)
    assert circuit.state == "closed"
