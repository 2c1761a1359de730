import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnscope.ship.lines import LONGEST_LINE_BYTES, LineSplitter

pytestmark = pytest.mark.unit


def cut(chunks, offset=0):
    splitter = LineSplitter(offset)
    lines = [line for chunk in chunks for line in splitter.feed(chunk)]
    return lines, splitter


def test_a_line_is_given_once_its_end_has_come():
    lines, splitter = cut([b"on", b"e\ntwo\nth", b"ree"])
    assert [(line.offset, line.end, line.data) for line in lines] == [
        (0, 4, b"one"),
        (4, 8, b"two"),
    ]
    assert splitter.unfinished() == b"three"
    assert [line.data for line in splitter.finish()] == [b"three"]
    assert splitter.finish() == []


def test_offsets_count_from_where_reading_began():
    lines, splitter = cut([b"one\r\n", b"two"], offset=100)
    assert (lines[0].offset, lines[0].end, lines[0].data) == (100, 105, b"one")
    assert splitter.read_to == 108


def test_a_line_without_end_takes_bounded_memory():
    splitter = LineSplitter()
    for _ in range(20):
        assert splitter.feed(b"x" * 65_536) == []
    (line,) = splitter.feed(b"y\n")
    assert len(line.data) == LONGEST_LINE_BYTES
    assert line.end == 20 * 65_536 + 2


def test_a_hole_of_nuls_before_a_line_is_left_out():
    lines, _ = cut([b"\0" * 5000, b"\0\0one\n"])
    assert [(line.offset, line.data) for line in lines] == [(0, b"one")]


# A busy machine is no failure.
@settings(deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=20))
def test_no_byte_is_lost_or_counted_twice_however_it_is_cut(chunks):
    lines, splitter = cut(chunks)
    ends = [0, *(line.end for line in lines)]
    assert [line.offset for line in lines] == ends[:-1]
    assert splitter.read_to == sum(map(len, chunks))
    whole, _ = cut([b"".join(chunks)])
    assert lines == whole
