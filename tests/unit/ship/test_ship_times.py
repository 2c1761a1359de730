from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from turnscope.ship.times import read_time

pytestmark = pytest.mark.unit

NOON = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z


@pytest.mark.parametrize(
    "value",
    [
        1_767_268_800,
        1_767_268_800.0,
        "1767268800",
        1_767_268_800_000,
        1_767_268_800_000_000,
        NOON,
        "2026-01-01T12:00:00Z",
        "2026-01-01T13:00:00+01:00",
        "2026-01-01 12:00:00,000",
        "20260101T120000Z",
        " 2026-01-01T12:00:00.000000000Z ",
    ],
)
def test_the_usual_time_stamps_are_understood_without_being_told(value):
    assert read_time(value, (), UTC) == NOON


@pytest.mark.parametrize(
    ("value", "nanoseconds"),
    [
        ("2026-01-01T12:00:00.123456789Z", 123_456_789),
        ("2026-01-01T12:00:00,1234567+00:00", 123_456_700),
        ("2026-01-01T12:00:00.5Z", 500_000_000),
        (1_767_268_800.1, 100_000_000),
        ("1767268800.000000001", 1),
    ],
)
def test_fractions_are_kept_exactly(value, nanoseconds):
    assert read_time(value, (), UTC) == NOON + nanoseconds


def test_formats_and_zone_of_a_mapping_hold():
    berlin = ZoneInfo("Europe/Berlin")
    assert read_time("01.01.2026 13:00:00", ("%d.%m.%Y %H:%M:%S",), berlin) == NOON
    assert read_time("2026-01-01 13:00:00", ("%d.%m.%Y %H:%M:%S",), berlin) == NOON
    # A format that looks like a number to everybody else.
    assert read_time("20260101120000", ("%Y%m%d%H%M%S",), UTC) == NOON


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "yesterday",
        "nan",
        "inf",
        0,
        -5,
        "-1",
        [],
        {},
        1e300,
        float("nan"),
        "1e999999",
    ],
)
def test_what_is_no_time_is_none(value):
    assert read_time(value, (), UTC) is None
