"""docs/session-format.md: its example is read as it says."""

import re
from pathlib import Path

import pytest

from turnscope.load.transcripts import read_transcript

pytestmark = pytest.mark.unit

DOCUMENT = Path(__file__).parents[3] / "docs" / "session-format.md"


def test_the_example_is_a_session_with_two_user_turns(tmp_path):
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(), flags=re.DOTALL)
    file = tmp_path / "turns.jsonl"
    file.write_text(example)
    transcript = read_transcript(file, "shop-17")
    assert transcript.bad_lines == []
    assert [turn.text for turn in transcript.user_turns] == ["Where is order 1042?", "Thanks!"]
