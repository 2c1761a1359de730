"""Cuts a stream of bytes into lines and knows where each began."""

from dataclasses import dataclass

# Beyond this only the beginning of a line is kept; it then is no JSON and is shipped as text.
LONGEST_LINE_BYTES = 256 * 1024


@dataclass(frozen=True)
class Line:
    """One line without its end. `end` is the offset of the byte after it, line end included."""

    offset: int
    end: int
    data: bytes


class LineSplitter:
    """Takes chunks, gives whole lines; memory is bounded by the longest line."""

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset
        """Where the unfinished line begins."""
        self._kept = bytearray()
        self._length = 0

    @property
    def read_to(self) -> int:
        """The offset of the next byte to be fed."""
        return self.offset + self._length

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that this chunk completes."""
        lines = []
        begin = 0
        while (end := chunk.find(b"\n", begin)) >= 0:
            self._keep(chunk[begin:end])
            lines.append(self._finish(1))
            begin = end + 1
        self._keep(chunk[begin:])
        return lines

    def unfinished(self) -> bytes:
        """What has come of a line whose end has not."""
        return bytes(self._kept)

    def finish(self) -> list[Line]:
        """The last line, when nothing more will come; empty if there is none."""
        return [self._finish(0)] if self._length else []

    def _keep(self, piece: bytes) -> None:
        self._length += len(piece)
        if not self._kept:
            # A writer that does not append leaves a hole of NULs where a log was truncated.
            piece = piece.lstrip(b"\0")
        self._kept += piece[: LONGEST_LINE_BYTES - len(self._kept)]

    def _finish(self, line_end: int) -> Line:
        end = self.read_to + line_end
        line = Line(self.offset, end, bytes(self._kept).rstrip(b"\r"))
        self.offset, self._length = end, 0
        self._kept.clear()
        return line
