"""Dates as people say them, resolved against a given day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from demo_services.nlu.domain.results import Entity, EntityType, Found, Span

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "a couple of": 2, "a few": 3,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}

_MONTH = "|".join(rf"{name}|{name[:3]}\.?" for name in _MONTHS) + r"|sept\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?|(?P<ordinal>" + "|".join(_ORDINALS) + ")"
_YEAR = r"(?:,?\s+(?P<year>(?:19|20)\d\d))?"
_COUNT = r"(?P<count>\d{1,3}|" + "|".join(sorted(_COUNTS, key=len, reverse=True)) + ")"

_LONGEST_MEMORY = timedelta(days=270)

# Surest first; where two expressions read the same piece of text, the better score is kept.
EXACT, RELATIVE, GUESSED = 1.0, 0.9, 0.7


def _nearest(day: int, month: int, today: date) -> date:
    """The occurrence of a day and month that is meant: shoppers look further back than ahead."""
    years = [y for y in (today.year - 1, today.year, today.year + 1) if _exists(y, month, day)]
    options = [date(year, month, day) for year in years]
    past = [option for option in options if timedelta() <= today - option <= _LONGEST_MEMORY]
    if not options:
        raise ValueError(f"there is no day {day} in month {month} around {today.year}")
    return past[-1] if past else min(options, key=lambda option: abs((option - today).days))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _iso(match: re.Match[str], _: date) -> date:
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def _numeric(match: re.Match[str], today: date) -> date:
    """Day before month, as in Europe; the other way round where only that makes a date."""
    first, second = int(match["day"]), int(match["month"])
    day, month = (first, second) if second <= 12 else (second, first)
    if not match["year"]:
        return _nearest(day, month, today)
    year = int(match["year"])
    return date(year + 2000 if year < 100 else year, month, day)


def _named_month(match: re.Match[str], today: date) -> date:
    month = [name[:3] for name in _MONTHS].index(match["month"].lower()[:3]) + 1
    day = _ORDINALS[match["ordinal"].lower()] if match["ordinal"] else int(match["day"])
    return date(int(match["year"]), month, day) if match["year"] else _nearest(day, month, today)


def _word(match: re.Match[str], today: date) -> date:
    offsets = {
        "day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0,
        "this morning": 0, "tomorrow": 1, "day after tomorrow": 2,
    }  # fmt: skip
    return today + timedelta(days=offsets[re.sub(r"\s+", " ", match["word"].lower())])


def _counted(match: re.Match[str], today: date) -> date:
    said = re.sub(r"\s+", " ", match["count"].lower())
    count = _COUNTS.get(said) or int(said)
    days = count * _UNIT_DAYS[match["unit"].lower()]
    return today + timedelta(days=days if match["ahead"] else -days)


def _unit(match: re.Match[str], today: date) -> date:
    days = _UNIT_DAYS[match["unit"].lower()]
    return today + timedelta(days=days if match["which"].lower() == "next" else -days)


def _weekday(match: re.Match[str], today: date) -> date:
    """Ahead after next, by, until and the like; else the last one: shoppers look back."""
    wanted = _WEEKDAYS.index(match["weekday"].lower())
    lead = (match["lead"] or "").lower()
    if lead in ("next", "by", "until", "before", "this", "coming", "till"):
        return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)


_ISO = r"(?<![\d-])(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?![\d-])"
_WITH_YEAR = (
    r"(?<![\d./])(?P<day>[0-3]?\d)(?P<sep>[./])(?P<month>[0-3]?\d)(?P=sep)"
    r"(?P<year>(?:20)?\d\d)(?![\d/])"
)
_WITHOUT_YEAR = r"(?<![\d./])(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)\.(?P<year>)(?!\d)"
_DAY_FIRST = rf"\b(?:{_DAY})\s+(?:of\s+)?(?P<month>{_MONTH})\b{_YEAR}"
_MONTH_FIRST = rf"\b(?P<month>{_MONTH})\s+(?:the\s+)?(?:{_DAY})\b{_YEAR}"
_NAMED_DAY = (
    r"\b(?:the\s+)?(?P<word>day before yesterday|day after tomorrow|yesterday|tomorrow"
    r"|last night|this morning|today|tonight)\b"
)
_AGO = rf"\b{_COUNT}\s+(?P<unit>day|week|month|year)s?\s+ago\b(?P<ahead>)"
_AHEAD = rf"\b(?P<ahead>in)\s+{_COUNT}\s+(?P<unit>day|week|month|year)s?\b"
_WHOLE_UNIT = r"\b(?P<which>last|next)\s+(?P<unit>week|month|year)\b"
_WEEKDAY = (
    r"\b(?:(?P<lead>last|next|by|until|till|before|this|coming|on)\s+)?"
    r"(?P<weekday>" + "|".join(_WEEKDAYS) + r")\b"
)

_Resolve = Callable[[re.Match[str], date], date]
_RULES: tuple[tuple[re.Pattern[str], _Resolve, float], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), resolve, score)
    for pattern, resolve, score in (
        (_ISO, _iso, EXACT),
        (_WITH_YEAR, _numeric, EXACT),
        (_WITHOUT_YEAR, _numeric, RELATIVE),
        (_DAY_FIRST, _named_month, EXACT),
        (_MONTH_FIRST, _named_month, EXACT),
        (_NAMED_DAY, _word, RELATIVE),
        (_AGO, _counted, RELATIVE),
        (_AHEAD, _counted, RELATIVE),
        (_WHOLE_UNIT, _unit, GUESSED),
        (_WEEKDAY, _weekday, GUESSED),
    )
)


def find_dates(text: str, today: date) -> list[Found]:
    """Every date in `text`; what only looks like one, such as 31 February, is left out."""
    return list(_read_dates(text, today))


def _read_dates(text: str, today: date) -> Iterator[Found]:
    for pattern, resolve, score in _RULES:
        for match in pattern.finditer(text):
            try:
                value = resolve(match, today).isoformat()
            except (ValueError, OverflowError):
                continue
            entity = Entity(EntityType.DATE, value, match.group(), score)
            yield Found(entity, Span(*match.span()))
