import json

import pytest

from turnscope.ship.position import Fingerprint, Pending, Position, PositionFile, StateError

pytestmark = pytest.mark.unit


@pytest.fixture
def positions(tmp_path):
    positions = PositionFile(tmp_path / "state", tmp_path / "bot.log")
    yield positions
    positions.close()


POSITION = Position(7, Fingerprint(3, "abc"), 300, Pending(300, 400, 123))


def test_a_position_is_read_as_it_was_written(positions):
    assert positions.read() is None
    positions.write(POSITION)
    assert positions.read() == POSITION
    positions.write(POSITION.announce(None))
    assert positions.read() == Position(7, Fingerprint(3, "abc"), 300)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"inode": 1}', '{"fingerprint": 3}'])
def test_a_damaged_position_is_none(positions, content):
    positions.path.write_text(content)
    assert positions.read() is None


def test_two_followers_of_one_file_are_refused_and_of_two_files_not(tmp_path):
    first = PositionFile(tmp_path, tmp_path / "bot.log")
    with pytest.raises(StateError, match=r"Another turnscope ship follows .*bot\.log already"):
        PositionFile(tmp_path, tmp_path / "bot.log")
    PositionFile(tmp_path, tmp_path / "other" / "bot.log").close()
    first.close()
    PositionFile(tmp_path, tmp_path / "bot.log").close()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="The position cannot be kept in"):
        PositionFile(tmp_path / "file" / "state", tmp_path / "bot.log")


def test_the_state_says_whose_it_is(positions, tmp_path):
    positions.write(POSITION)
    assert json.loads(positions.path.read_text())["path"] == str(tmp_path / "bot.log")
