"""Replaces what must not leave the process: addresses, numbers of people and cards, keys.

One pass of one expression finds candidates; where a pattern alone would hit too much (order
numbers, identifiers, timestamps) a check of its digits decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# No pattern may begin or end inside a word or an identifier with hyphens: UUIDs, trace ids and
# nanosecond timestamps have to survive.
_BEFORE = r"(?<![\w.+-])"
_AFTER = r"(?![\w-])"

_PATTERNS: dict[str, str] = {
    "email": r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
    "key": (
        r"\bBearer\s+[\w.~+/=-]{8,}"
        r"|\b(?:sk|pk|rk|ghp|gho|ghs|xox[abp]|glpat|AKIA|ASIA|AIza)[-_]?[A-Za-z0-9_-]{12,}"
        r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
        r"|\b(?:password|passwd|secret|api[_-]?key|token)\b\s*[:=]\s*\S{4,}"
    ),
    "iban": _BEFORE + r"[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?" + _AFTER,
    "card": _BEFORE + r"\d(?:[ -]?\d){12,18}" + _AFTER,
    "phone": (
        r"(?<![\w.-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\)[ .-]?)?\d{2,5}(?:[ ./-]?\d{2,5}){1,4}"
        + _AFTER
    ),
}
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()), re.I)
# Texts without any of these cannot match: most log lines end here.
_HINT = re.compile(
    r"@|\d{4}|\d[ ().-]+\d|bearer|sk-|key|token|secret|passw|eyJ|AKIA|gh[pos]_", re.I
)


_DATE = re.compile(r"\d{4}[-./]\d{2}[-./]\d{2}|\d{2}[-./]\d{2}[-./]\d{4}")


def passes_luhn(digits: str) -> bool:
    """Whether the check digit of a payment card number is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def passes_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616: modulo 97 leaves 1)."""
    compact = text.replace(" ", "").upper()
    if not 15 <= len(compact) <= 34:
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _looks_like_phone(text: str) -> bool:
    digits = _digits(text)
    if not 8 <= len(digits) <= 15:
        return False
    if _DATE.fullmatch(text):
        return False
    return text.startswith(("+", "0", "(")) or bool(re.search(r"[ ()./-]", text))


_CHECKS: dict[str, Callable[[str], bool]] = {
    "card": lambda text: passes_luhn(_digits(text)),
    "iban": passes_iban,
    "phone": _looks_like_phone,
}


def _replace(match: re.Match[str]) -> str:
    kind = match.lastgroup or "secret"
    text = match.group()
    if kind == "card" and not passes_luhn(_digits(text)) and _looks_like_phone(text):
        kind = "phone"
    check = _CHECKS.get(kind)
    return text if check is not None and not check(text) else f"[{kind}]"


def redact(text: str) -> str:
    """`text` with e-mail addresses, keys, IBANs, card and phone numbers replaced by `[kind]`."""
    return _ANY.sub(_replace, text) if _HINT.search(text) else text
