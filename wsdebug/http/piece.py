"""What waits of a stream while HTTP heads are looked for."""

from __future__ import annotations

from wsdebug.model.place import Mark

Piece = tuple[bytes | int | None, Mark]
"""Bytes, or how many the capture lacks (None: not known), and who brought them."""

PIECE = 250
"""Bytes that a piece takes besides its data."""
MOST_PIECES = 8_192
"""Pieces that wait: of one byte each, `Limits.waiting` of them would be a quarter of a gigabyte."""
