import os
import shutil

import pytest

from turnscope.ship.follower import FileFollower
from turnscope.ship.position import Fingerprint, Position

pytestmark = pytest.mark.unit


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Log:
    """A log file of the tests, and a follower of it."""

    def __init__(self, folder):
        self.path = folder / "bot.log"
        self.clock = Clock()
        self.told = []
        self.follower = None
        self.position = None

    def write(self, text, path=None):
        with (path or self.path).open("a") as stream:
            stream.write(text)

    def follow(self, begin=None):
        self.follower = FileFollower(self.path, begin, self.told.append, clock=self.clock)

    def read(self):
        """What is given until nothing comes any more, time passing meanwhile."""
        given = []
        for _ in range(20):
            lines = self.follower.poll()
            self.clock.now += 0.5
            if lines:
                given += [line.data.decode() for line in lines.lines]
                self.position = lines.position(lines.lines[-1].end)
        return given

    def age(self, path, seconds):
        """Make a file older: two writes of a test fall into the same tick of the clock."""
        then = path.stat().st_mtime_ns - int(seconds * 1e9)
        os.utime(path, ns=(then, then))


@pytest.fixture
def log(tmp_path):
    log = Log(tmp_path)
    log.follow()
    yield log
    log.follower.close()


def test_lines_are_given_as_they_are_written(log):
    log.write("one\ntw")
    assert log.read() == ["one"]
    log.write("o\nthree\n")
    assert log.read() == ["two", "three"]
    assert log.read() == []


def test_a_file_that_comes_later_is_read_from_its_beginning(log):
    assert log.read() == []
    log.write("one\n")
    assert log.read() == ["one"]


def test_after_a_rename_the_old_file_is_read_to_its_end_and_then_the_new_one(log):
    log.write("one\n")
    assert log.read() == ["one"]
    rotated = log.path.with_name("bot.log.1")
    log.path.rename(rotated)
    log.write("new\n")
    log.write("two\nunfinished", rotated)
    assert log.read() == ["two", "unfinished", "new"]


def test_what_a_writer_puts_into_the_renamed_file_is_waited_for(log):
    log.write("one\n")
    log.read()
    rotated = log.path.with_name("bot.log.1")
    log.path.rename(rotated)
    log.write("new\n")
    assert log.follower.poll() is None
    log.clock.now += 0.5
    log.write("late\n", rotated)
    assert log.read() == ["late", "new"]


def test_a_rename_without_a_new_file_is_no_end(log):
    log.write("one\n")
    log.read()
    rotated = log.path.with_name("bot.log.1")
    log.path.rename(rotated)
    log.write("two\n", rotated)
    assert log.read() == ["two"]
    log.write("new\n")
    assert log.read() == ["new"]


def test_a_truncated_file_is_read_from_its_beginning_again(log):
    log.write("one\ntwo\n")
    log.read()
    os.truncate(log.path, 0)
    log.write("new\n")
    assert log.read() == ["new"]


def test_what_was_unread_at_copy_and_truncate_comes_from_the_copy(log):
    log.write("one\n")
    assert log.read() == ["one"]
    log.write("two\n")
    shutil.copy(log.path, log.path.with_name("bot.log.1"))
    os.truncate(log.path, 0)
    log.write("new\n")
    assert log.read() == ["two", "new"]


def test_a_truncated_file_that_has_grown_beyond_the_old_size_is_noticed(log):
    log.write("one\n")
    assert log.read() == ["one"]
    os.truncate(log.path, 0)
    log.write("another beginning\nand more\n")
    assert log.read() == ["another beginning", "and more"]


def test_several_rotations_while_nobody_read_are_given_oldest_first(log):
    log.write("one\n")
    assert log.read() == ["one"]
    log.write("two\n")
    oldest, older = log.path.with_name("bot.log.2"), log.path.with_name("bot.log.1")
    log.path.rename(oldest)
    log.age(oldest, 20)
    log.write("three\n", older)
    log.age(older, 10)
    log.write("four\n")
    assert log.read() == ["two", "three", "four"]


def test_a_restart_goes_on_where_the_position_is(log):
    log.write("one\ntwo\n")
    log.read()
    log.follower.close()
    log.write("three\n")
    log.follow(log.position)
    assert log.read() == ["three"]


def test_a_restart_finds_the_position_in_the_renamed_file(log):
    log.write("one\n")
    log.read()
    log.follower.close()
    log.write("two\n")
    rotated = log.path.with_name("bot.log-20260131")
    log.path.rename(rotated)
    log.age(rotated, 10)
    log.write("new\n")
    log.follow(log.position)
    assert log.read() == ["two", "new"]
    assert log.told == []


def test_a_restart_finds_the_position_in_a_copy_and_begins_the_truncated_file_anew(log):
    log.write("one\n")
    log.read()
    log.follower.close()
    log.write("two\n")
    copy = log.path.with_name("bot.log.1")
    shutil.copy(log.path, copy)
    log.age(copy, 10)
    os.truncate(log.path, 0)
    log.write("new one\n")
    log.follow(log.position)
    assert log.read() == ["two", "new one"]


def test_generations_older_than_the_position_are_not_given_again(log):
    older = log.path.with_name("bot.log.1")
    log.write("ancient\n", older)
    log.age(older, 100)
    log.write("one\n")
    log.read()
    log.follower.close()
    log.follow(log.position)
    assert log.read() == []


def test_a_rotation_does_not_give_older_generations_again(log):
    older = log.path.with_name("bot.log.2")
    log.write("ancient\n", older)
    log.age(older, 100)
    log.write("one\n")
    assert log.read() == ["one"]
    log.path.rename(log.path.with_name("bot.log.1"))
    log.write("new\n")
    assert log.read() == ["new"]


def test_a_backup_copy_is_not_shipped_beside_the_file_it_copies(log):
    log.write("one\n")
    log.read()
    rotated = log.path.with_name("bot.log.1")
    log.path.rename(rotated)
    log.age(rotated, 10)
    shutil.copy(rotated, log.path.with_name("bot.log.2"))
    log.write("new\n")
    assert log.read() == ["new"]


def test_a_restart_finds_a_file_that_was_renamed_to_something_else(log):
    log.write("one\n")
    log.read()
    log.follower.close()
    log.write("two\n")
    log.path.rename(log.path.with_name("put_away.txt"))
    log.write("new\n")
    log.follow(log.position)
    assert log.read() == ["two", "new"]


def test_a_link_that_moves_on_is_a_rotation(log):
    monday, tuesday = log.path.with_name("monday"), log.path.with_name("tuesday")
    log.write("one\n", monday)
    log.path.symlink_to(monday)
    assert log.read() == ["one"]
    log.follower.close()
    log.write("two\n", monday)
    log.write("three\n", tuesday)
    log.path.unlink()
    log.path.symlink_to(tuesday)
    log.follow(log.position)
    assert log.read() == ["two", "three"]


def test_other_files_beside_the_log_are_none_of_its_generations(log):
    log.write("one\n")
    log.read()
    rotated = log.path.with_name("bot.log.1")
    log.path.rename(rotated)
    for name in ("bot.log.bak", "bot.log.1.gz", "bot.log.old", "robot.log.1", "bot.log2"):
        log.write("stray\n", log.path.with_name(name))
    log.age(rotated, 10)
    log.write("new\n")
    assert log.read() == ["new"]


def test_a_position_that_is_nowhere_any_more_is_told(log):
    log.write("quite another\n")
    log.follow(Position(1, Fingerprint(3, "no digest"), 3))
    assert log.read() == ["quite another"]
    assert "held at byte 3 is gone" in log.told[0]


def test_a_file_that_shrank_below_the_position_is_another_one(log):
    log.write("one\ntwo\n")
    log.read()
    log.follower.close()
    os.truncate(log.path, 4)
    log.follow(log.position)
    assert log.read() == ["one"]
