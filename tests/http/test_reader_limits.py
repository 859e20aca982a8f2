"""What a side queues while the other side's head is awaited stays small, however it arrives."""

from wsdebug.http import Reader
from wsdebug.http.piece import MOST_PIECES
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import NO_MARK, Side


def test_tiny_pieces_are_limited_by_their_number():
    reader = Reader(Side.CLIENT, DEFAULT_LIMITS)
    for _ in range(2 * MOST_PIECES):
        reader.put(b"x", NO_MARK)
    pieces = reader.drain()
    assert len(pieces) == MOST_PIECES + 1
    assert pieces[-1][0] == MOST_PIECES  # the rest, as one gap
