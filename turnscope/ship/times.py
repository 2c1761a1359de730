"""Reads the time stamps that log lines have: nanoseconds since 1970 out of numbers and texts."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A number tells its unit by its size: 1e11 seconds are the year 5138, 1e11 milliseconds 1973.
UNITS = ((Decimal(10) ** 11, 10**9), (Decimal(10) ** 14, 10**6), (Decimal(10) ** 17, 10**3))
EARLIEST_NS = 0
# What an unsigned 64-bit field of OTLP could still hold is far beyond; Loki's times are signed.
LATEST_NS = 2**63 - 1
BEYOND_MICROSECONDS = re.compile(r"(?<=[.,]\d{6})\d{1,3}")


def read_time(value: object, formats: Sequence[str], zone: tzinfo) -> int | None:
    """Nanoseconds since 1970, None for what is no time.

    `formats` (of strptime) come first, then seconds to nanoseconds by their size, then ISO 8601.
    `zone` holds for what names none.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        for form in formats:
            try:
                return _within(_nanoseconds(datetime.strptime(value.strip(), form), zone))
            except ValueError:
                continue
    if isinstance(value, (int, float, str)):
        number = _number(value)
        if number is not None:
            return _from_number(number)
    return _from_iso(value.strip(), zone) if isinstance(value, str) else None


def _number(value: int | float | str) -> Decimal | None:
    try:
        # Through its text: the float 1589375697.1 must not become ...697.0999999.
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    # 1e999999 is six letters in a log and would be a number of a million digits here.
    return number if number.is_finite() and number.adjusted() < 20 else None


def _from_number(number: Decimal) -> int | None:
    factor = next((factor for below, factor in UNITS if number < below), 1)
    return _within(int(number * factor)) if number > 0 else None


def _from_iso(text: str, zone: tzinfo) -> int | None:
    beyond = BEYOND_MICROSECONDS.search(text)
    rest = int(beyond.group().ljust(3, "0")) if beyond else 0
    try:
        stamp = datetime.fromisoformat(BEYOND_MICROSECONDS.sub("", text, count=1))
    except ValueError:
        return None
    return _within(_nanoseconds(stamp, zone) + rest)


def _nanoseconds(stamp: datetime, zone: tzinfo) -> int:
    since = (stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)) - EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000


def _within(nanoseconds: int) -> int | None:
    return nanoseconds if EARLIEST_NS < nanoseconds <= LATEST_NS else None
