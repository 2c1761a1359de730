import io
import json
from types import SimpleNamespace

import pytest
from fake_stores import NOW, FakeStores, StillClock
from rich.console import Console

from turnscope.diagnose.audit import AuditTimes, audit, run_audit

pytestmark = pytest.mark.unit

# Turns of the window that is taken without times: it ends 15 s ago and lasts 15 minutes.
END = NOW - 15


def audited(stores: FakeStores, times: AuditTimes | None = None, **options) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    console = Console(file=io.StringIO(), width=120)
    lag = options.pop("lag", 0.0)
    clock = options.pop("clock", StillClock()).clock
    code = audit(stores.open(lag), times or AuditTimes(), console, clock=clock, **options)
    return code, console.file.getvalue()  # type: ignore[attr-defined]


def three_turns(**missing: str) -> FakeStores:
    stores = FakeStores()
    for name, at, outcome in [("a", 700, "answered"), ("b", 400, "degraded"), ("c", 100, "failed")]:
        stores.turn(f"turn-{name}", END - at, outcome, missing.get(name, ""))
    return stores


def test_four_stores_with_the_same_turns_agree_turn_by_turn() -> None:
    code, shown = audited(three_turns())
    assert code == 0
    assert "The stores agree, turn by turn." in shown
    assert shown.count(" 3 ") == 3


@pytest.mark.parametrize("store", ["warehouse", "logs", "traces"])
def test_a_turn_missing_in_one_store_fails_and_is_named(store: str) -> None:
    code, shown = audited(three_turns(a=store))
    assert code == 1
    assert "turn-a" in shown
    assert "The stores do not agree." in shown


def test_a_turn_that_was_not_counted_fails() -> None:
    code, shown = audited(three_turns(b="metrics"))
    assert code == 1
    assert "Prometheus counted 0 turns as degraded, Loki has 1 such events" in shown


def test_of_many_missing_turns_ten_are_named() -> None:
    stores = FakeStores()
    for number in range(13):
        stores.turn(f"turn-{number:02d}", END - 500 + number, missing="traces")
    code, shown = audited(stores)
    assert code == 1
    assert "turn-09" in shown
    assert "turn-10" not in shown
    assert "and 3 more" in shown


def test_both_edges_step_back_from_turns_so_that_counts_are_exact() -> None:
    stores = three_turns()
    stores.turn("late", END - 1)
    stores.turn("early", END - 900)
    code, shown = audited(stores)
    assert code == 0
    assert "turn by turn" in shown
    data = json.loads(audited(stores, as_json=True)[1])
    assert data["exact"]
    assert data["counts"]["root traces"]["total"] == {"lower": 4, "upper": 4}


def test_without_a_pause_the_counts_are_bounds_and_say_why() -> None:
    stores = FakeStores()
    for number in range(800):
        stores.turn(f"turn-{number}", END - 1600 + 2 * number + 5)
    code, shown = audited(stores)
    assert code == 0
    assert "close to the window's edge" in shown
    assert "as far as these bounds can tell" in shown


def test_an_edge_that_is_given_is_not_moved() -> None:
    stores = FakeStores()
    stores.turn("a", END - 100.3)
    code, shown = audited(stores, AuditTimes(start=END - 300, end=END - 100))
    assert code == 0
    assert "0 to 1" in shown


def test_a_long_turn_that_began_before_the_window_is_found_by_its_end() -> None:
    stores = FakeStores()
    stores.turn("a", END - 200, seconds=119)
    code, shown = audited(stores, AuditTimes(start=END - 250, end=END - 100))
    assert (code, "turn by turn" in shown) == (0, True)


def test_an_end_that_is_too_fresh_is_waited_for() -> None:
    still = StillClock()
    times = AuditTimes(start=NOW - 100, end=NOW - 5)
    code, shown = audited(three_turns(), times, clock=still, lag=30.0)
    assert (code, still.slept) == (0, [40.0])
    assert "Waiting 40 s" in shown


@pytest.mark.parametrize(("start", "end"), [(NOW - 50, NOW - 60), (NOW - 50, NOW + 1)])
def test_times_that_are_no_past_window_are_wrong_use(start: float, end: float) -> None:
    code, shown = audited(three_turns(), AuditTimes(start=start, end=end))
    assert code == 2
    assert "Wrong times" in shown


def test_refused_requests_are_shown_beside_the_turns() -> None:
    stores = three_turns()
    stores.refused = {"unauthorized": [END - 500, END - 400], "rate_limited": []}
    assert "no turns: unauthorized 2\n" in audited(stores)[1]


def test_a_window_without_a_turn_says_that_nothing_was_compared() -> None:
    code, shown = audited(FakeStores())
    assert code == 0
    assert "nothing was compared" in shown


def test_counts_are_bounded_when_scraping_stopped_within_the_window() -> None:
    stores = three_turns()
    stores.scraped_until = END - 200
    code, shown = audited(stores)
    assert code == 0
    assert "or more" in shown
    assert "last scraped" in shown


def test_a_store_that_is_down_is_one_sentence_and_a_failure() -> None:
    nowhere = "http://127.0.0.1:1"
    endpoints = SimpleNamespace(
        prometheus_url=nowhere,
        loki_url=nowhere,
        traces_url=nowhere,
        traces_kind="jaeger",
        database_url="postgresql://x@127.0.0.1:1/x",
    )
    console = Console(file=io.StringIO(), width=60)
    assert run_audit(endpoints, AuditTimes(), console, clock=StillClock().clock) == 1
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.startswith("PostgreSQL does not answer at postgresql://127.0.0.1:1/x")
    assert shown.count("\n") == 1
