"""The collector's redaction patterns: what they mask and, as important, what they leave whole.

The patterns are written for RE2. The constructs Python spells differently are translated here; that
the collector itself masks is shown by the stack tests.
"""

from __future__ import annotations

import random
import re
import uuid
from pathlib import Path

import pytest
import yaml

CONFIG = Path(__file__).parents[2] / "collector" / "config.yaml"

pytestmark = pytest.mark.contract


def compiled(pattern: str) -> re.Pattern[str]:
    translated = (
        pattern.replace(r"[\p{L}\p{N}._%+-]", r"[\w.%+-]")
        .replace(r"[\p{L}\p{N}-]", r"(?:[^\W_]|-)")
        .replace(r"\p{L}", r"[^\W\d_]")
        .replace(r"\z", r"\Z")
        .replace("$$", "$")
    )
    return re.compile(translated, re.ASCII if r"\p" not in pattern else 0)


PROCESSORS = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["processors"]
STEPS = [
    [compiled(pattern) for pattern in PROCESSORS[step]["blocked_values"]]
    for step in ("redaction/words", "redaction/numbers")
]
HARMLESS = compiled(PROCESSORS["redaction/words"]["allowed_values"][0])


def mask(text: str, order: random.Random | None = None) -> str:
    for step in STEPS:
        if HARMLESS.search(text):
            continue
        # The processor goes through a step's patterns in any order.
        for pattern in order.sample(step, len(step)) if order else step:
            text = pattern.sub("****", text)
    return text


@pytest.mark.parametrize(
    "secret",
    [
        "jane.doe+bot@mail.example.co.uk",
        "müller@beispiel.de",
        "4111111111111111",
        "4111 1111 1111 1111",
        "5500-0000-0000-0004",
        "6011.0009.9013.9424",
        "2221000000000009",
        "378282246310005",
        "3782 822463 10005",
        "30569309025904",
        "4000000000000000006",
        "DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "NL91ABNA0417164300",
        "GB29 NWBK 6016 1331 9268 19",
        "NO9386011117947",
        "de89370400440532013000",
        "de89 3704 0044 0532 0130 00",
        "+49 170 1234567",
        "+1-555-123-4567",
        "+14155552671",
        "+44 (0)20 7946 0958",
        "0049 170 1234567",
        "555-123-4567",
        "(555) 123-4567",
        "415 555 2671",
        "0170 1234567",
        "030/1234567",
        "sk-proj-abcdefghijklmnopqrstuvwx",
        "sk_live_51H8xyzABCDEFGHIJKLMNOP",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "xoxb-1234567890-abcdefghij",
        "AKIAIOSFODNN7EXAMPLE",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "Bearer abcdefghijklmnop123456",
        "password=hunter2!",
        "my password is hunter22",
        '"api_key": "k-123456"',
        "phone 5551234567",
        "Mobile: 0170-1234567",
        "my phone number is 5551234567",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "postgresql://turnscope:secret@",
    ],
)
def test_a_secret_inside_a_sentence_is_masked(secret: str) -> None:
    for seed in range(20):
        masked = mask(f"please use {secret} today", random.Random(seed))
        assert "****" in masked
        assert "****" in mask(secret, random.Random(seed))
        # Of a number that a neighbouring pattern cut, a first group of four digits may be left.
        assert len(re.sub(r"\D", "", masked)) <= 4, masked
        for word in re.findall(r"[A-Za-z0-9]{5,}", secret):
            if word.lower() not in {"phone", "number", "password", "bearer", "postgresql"}:
                assert word not in masked, masked


@pytest.mark.parametrize(
    "harmless",
    [
        "1764000000123456789",
        "1764000000123456",
        "1764000000123",
        "2026-11-22T06:21:00.123456789Z",
        "2026-11-22 06:21:00+01:00",
        "22/Nov/2026:06:21:00 +0000 1234",
        "ORD-2026-000123",
        "order 10023456",
        "#4711",
        "TS-48213",
        "SKU AB12-9931",
        "tokens_used=1543 latency_ms=1234.5678",
        "took 0.0123 s, 1536 tokens",
        "POST /v1/chat HTTP/1.1",
        "127.0.0.1:8003",
        "192.168.100.200",
        "00:00:12.345678",
        "version 1.45.0-0.66b2",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "SELECT id FROM dialog.turns WHERE session_id = %(id)s",
        "It costs 1,299.00 EUR",
        "140234567890123",
    ],
)
def test_what_an_engineer_needs_is_left_whole(harmless: str) -> None:
    assert mask(f"please use {harmless} today") == f"please use {harmless} today"


def test_no_identifier_is_ever_mangled() -> None:
    # Seeded, so that a failure can be run again. The worst cases, ids made of decimal digits,
    # would hardly ever come up by chance.
    source = random.Random(20261122)
    for _ in range(1_500):
        bits = source.getrandbits(128)
        ids = [str(uuid.UUID(int=bits, version=4)), str(uuid.UUID(int=bits)), f"{bits:032x}"]
        digits = "".join(source.choices("0123456789", k=32))
        ids += [digits, str(uuid.UUID(digits)), str(uuid.UUID(int=int(digits, 16), version=4))]
        ids += [str(1_700_000_000_000_000_000 + source.getrandbits(58))]
        line = " ".join(ids)
        assert mask(line) == line
        for value in ids:
            assert mask(value) == value
            assert mask(f'{{"id":"{value}"}}') == f'{{"id":"{value}"}}'
