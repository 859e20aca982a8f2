"""A frame made of sixteen header bits alone, so that rules can judge a header by itself."""

from __future__ import annotations

from wsdebug.model.facts import Frame
from wsdebug.model.handshake import Agreed
from wsdebug.model.place import Side

# RFC 6455 5.2: the 7-bit length 126 says that 2 bytes of length follow, 127 that 8 do. What
# they hold is not in the first two bytes: the least that the form may mean is assumed.
_LEAST_LENGTH = {126: 126, 127: 0x1_0000}
_EXTENDED_BYTES = {126: 2, 127: 8}


def frame_from_header(
    side: Side,
    header: int,
    agreed: Agreed,
    *,
    number: int = 0,
    offset: int = 0,
    in_message: bool = False,
    after_close: bool = False,
    synchronised: bool = True,
) -> Frame:
    """The frame that `header` (two bytes, big-endian) announces, with the least length its form
    can mean and, if MASK is set, the key 0.
    """
    short = header & 0x7F
    masked = bool(header & 0x80)
    return Frame(
        side=side,
        number=number,
        offset=offset,
        header=header,
        header_length=2 + _EXTENDED_BYTES.get(short, 0) + 4 * masked,
        length=_LEAST_LENGTH.get(short, short),
        key=0 if masked else None,
        agreed=agreed,
        in_message=in_message,
        after_close=after_close,
        synchronised=synchronised,
    )
