import pytest

from turnscope.diagnose.audit_compare import Evidence, SeenTurn, compare
from turnscope.diagnose.counters import Bounds, Window

pytestmark = pytest.mark.unit

WINDOW = Window(100, 200, guard=1)


def seen(*turns: tuple[str, float, str]) -> list[SeenTurn]:
    return [SeenTurn(*turn) for turn in turns]


def evidence(
    counted: dict[str, Bounds], *turns: tuple[str, float, str], **others: object
) -> Evidence:
    answers = [SeenTurn(name, at) for name, at, outcome in turns if outcome != "failed"]
    of_all = {"answers": answers, "events": seen(*turns), "traces": seen(*turns)}
    return Evidence(counted=counted, **{**of_all, **others})  # type: ignore[arg-type]


def exactly(**counts: int) -> dict[str, Bounds]:
    return {outcome: Bounds(count, count) for outcome, count in counts.items()}


THREE = [("a", 120, "answered"), ("b", 130, "degraded"), ("c", 140, "failed")]


def test_stores_that_hold_the_same_turns_agree_exactly() -> None:
    verdict = compare(evidence(exactly(answered=1, degraded=1, failed=1), *THREE), WINDOW)
    assert verdict.differences == ()
    assert verdict.exact
    assert [str(row.total) for row in verdict.rows[1:]] == ["3", "3", "3"]
    assert [str(row.with_answer) for row in verdict.rows] == ["2", "2", "2", "2"]


def test_a_turn_that_was_not_counted_is_a_difference_of_its_outcome() -> None:
    verdict = compare(evidence(exactly(answered=1, degraded=1), *THREE), WINDOW)
    (difference,) = verdict.differences
    assert difference.sentence == "Prometheus counted 0 turns as failed, Loki has 1 such events"


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("answers", "1 turn of turn_finished events (Loki) not among answers stored (PostgreSQL)"),
        ("traces", "1 turn of turn_finished events (Loki) not among root traces"),
    ],
)
def test_a_turn_that_a_store_lacks_is_named(where: str, sentence: str) -> None:
    lacking = {where: seen(*THREE[1:])}
    counted = exactly(answered=1, degraded=1, failed=1)
    (difference,) = compare(evidence(counted, *THREE, **lacking), WINDOW).differences
    assert difference.sentence == sentence
    assert difference.turn_ids == ("a",)


def test_a_turn_without_its_event_is_missed_by_every_other_store() -> None:
    counted = exactly(answered=1, degraded=1, failed=1)
    verdict = compare(evidence(counted, *THREE, events=seen(*THREE[1:])), WINDOW)
    assert [each.turn_ids for each in verdict.differences] == [(), ("a",), ("a",)]


def test_an_answer_stored_for_a_turn_that_failed_afterwards_is_a_note() -> None:
    answers = seen(*THREE)
    counted = exactly(answered=1, degraded=1, failed=1)
    verdict = compare(evidence(counted, *THREE, answers=answers), WINDOW)
    assert verdict.differences == ()
    assert "1 answers were stored and never reached the client" in verdict.notes[0]


def test_sampled_traces_may_be_missing_and_may_not_be_surplus() -> None:
    counted = exactly(answered=1, degraded=1, failed=1)
    sampled = evidence(counted, *THREE, traces=seen(THREE[2]), all_traces_kept=False)
    verdict = compare(sampled, WINDOW)
    assert verdict.differences == ()
    assert "sampled" in verdict.why_inexact[0]
    stray = seen(("z", 150, "answered"))
    surplus = evidence(counted, *THREE, traces=stray, all_traces_kept=False)
    assert [each.turn_ids for each in compare(surplus, WINDOW).differences] == [("z",)]


@pytest.mark.parametrize("edge", [100, 200])
def test_a_turn_that_stores_date_differently_about_an_edge_is_no_difference(edge: float) -> None:
    counted = exactly() | {"answered": Bounds(0, 1)}
    before, after = [("a", edge - 0.2, "answered")], [("a", edge + 0.2, "answered")]
    found = evidence(counted, *before, traces=seen(*after))
    verdict = compare(found, WINDOW)
    assert verdict.differences == ()
    assert verdict.why_inexact == ("turns finished close to the window's edge",)


def test_a_turn_is_there_when_one_store_is_sure_of_it_and_another_dates_it_at_the_edge() -> None:
    counted = {"answered": Bounds(0, 1)}
    for sure, at_edge in ((101.2, 100.8), (101.2, 99.2), (198.8, 199.2), (198.8, 200.8)):
        turn = ("a", sure, "answered")
        found = evidence(counted, turn, traces=seen(("a", at_edge, "answered")))
        assert compare(found, WINDOW).differences == ()


def test_a_turn_surely_inside_is_missed_even_when_the_edges_are_busy() -> None:
    counted = {"answered": Bounds(1, 2)}
    turns = [("edge", 100.2, "answered"), ("a", 150, "answered")]
    found = evidence(counted, *turns, traces=seen(turns[0]))
    (difference,) = compare(found, WINDOW).differences
    assert difference.turn_ids == ("a",)


def test_a_lost_count_is_explained_by_its_reset_and_no_difference() -> None:
    reset = {"answered": Bounds(1, None, ("a counter was reset",))}
    turns = [("a", 120, "answered"), ("b", 130, "answered")]
    verdict = compare(evidence(reset, *turns), WINDOW)
    assert verdict.differences == ()
    assert verdict.why_inexact == ("a counter was reset",)


def test_a_turn_id_seen_twice_is_noted_and_counts_twice() -> None:
    twice = [("a", 120, "failed"), ("a", 130, "answered")]
    verdict = compare(evidence(exactly(answered=1, failed=1), *twice), WINDOW)
    assert verdict.differences == ()
    assert verdict.turns == Bounds(2, 2)
    assert any("repeat a turn id" in note for note in verdict.notes)
