"""The shared strict decoder, sans-io: opening handshake, frames, permessage-deflate, messages,
text, close, ping and pong. Whoever has the bytes of both sides can feed it:

    decoder = Decoder()
    facts = [*decoder.feed(Side.CLIENT, request), *decoder.feed(Side.SERVER, response)]
    facts += decoder.finish()

It knows no files, sockets, clocks or packets, keeps every bit it was shown, and judges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsdebug.protocol.decoder import Decoder

__all__ = ["Decoder"]


def __getattr__(name: str) -> Any:
    """Decoder, loaded on first use: the parts of this room are useful without it."""
    if name == "Decoder":
        from wsdebug.protocol.decoder import Decoder  # noqa: PLC0415 - that is the point

        return Decoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
