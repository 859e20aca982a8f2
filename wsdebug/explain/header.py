"""The page of a frame header given in hex: its bits, what each role would break with it, and what
each library logs that gets it.
"""

from __future__ import annotations

import msgspec

from wsdebug.display.escape import printable
from wsdebug.display.header import diagram, opcode_name
from wsdebug.explain.causes import cause_rows
from wsdebug.explain.paragraphs import listing, page, paragraphs
from wsdebug.explain.received import received_table
from wsdebug.knowledge.cases import cases
from wsdebug.model.facts import Frame
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.place import Side
from wsdebug.rules import Breach, judge
from wsdebug.rules.header import frame_from_header

_SHOWN = 16
_NO_FRAME = (
    (b"HTTP/", "the beginning of an HTTP response"),
    (b"PROXY ", "a PROXY protocol header"),
    (b"\r\n\r\n\0\r\nQUIT\n", "a PROXY protocol header, version 2"),
    (b"SSH-", "an SSH banner"),
    (b"\x16\x03", "a TLS handshake record"),
    (b"\x15\x03", "a TLS alert"),
)


def header_page(raw: bytes, *, remark: str = "", ascii_only: bool = False) -> str:
    """The header that the bytes make, drawn, judged as a client's and as a server's. `remark`
    says how they were read.
    """
    heading = raw[:_SHOWN].hex(" ") + (" ..." if len(raw) > _SHOWN else "")
    parts = [paragraphs(remark)] if remark else []
    text = _as_text(raw)
    if text:
        parts += [paragraphs(f"{text} {_in_a_line(raw)}".rstrip()), *_behind(raw)]
    parts.append("\n".join("  " + line for line in diagram(raw, ascii_only=ascii_only)))
    if not text and (content := _payload(raw)):
        parts.append(paragraphs(content))
    if len(raw) == 1:
        parts.append("One byte: the second, with MASK and the length, is not known.")
        return page(heading, *parts)
    parts += [_verdict(raw, side) for side in Side]
    frame = _frame(raw, Side.CLIENT, Agreed())
    logged = received_table(frame.header, frame.length)
    return page(heading, *parts, *([logged] if logged else []))


def _in_a_line(raw: bytes) -> str:
    """What a decoder reads, for bytes that are none."""
    if len(raw) < 2:
        return ""
    bits, opcode = raw[0] >> 4, raw[0] & 15
    rsv = ", ".join(f"RSV{at} {bits >> 3 - at & 1}" for at in (1, 2, 3))
    fin, mask, length = bits >> 3, raw[1] >> 7, raw[1] & 0x7F
    return (
        f"A library reads them as a header all the same: FIN {fin}, {rsv}, "
        f"opcode {opcode} ({opcode_name(opcode)}), MASK {mask}, length {length}."
    )


def _behind(raw: bytes) -> list[str]:
    """The causes of the known bytes that begin like these, of the likest first."""
    if len(raw) < 2:
        return []
    foreign = [case for case in cases().values() if case.mask == "as-is"]
    like = [case for case in foreign if case.raw[:4].startswith(raw[:4])]
    like.sort(key=lambda case: -_common(case.raw, raw))
    codes = dict.fromkeys(code for case in like for code in case.causes)
    return ["What may be behind it\n" + listing(cause_rows(codes))] if codes else []


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two beginnings share."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), len(one))


def _as_text(raw: bytes) -> str:
    """What the bytes are if they are no frame."""
    for magic, what in _NO_FRAME:
        if raw.startswith(magic) or (len(raw) >= 4 and magic.startswith(raw)):
            return f"These bytes look like {what} and not like a frame: see foreign-bytes (FR110)."
    if len(raw) > 1 and raw.isascii() and printable(raw) == raw.decode("ascii"):
        return (
            f'As text they read "{printable(raw, 60)}". Text at the place of a frame is no frame: '
            "see foreign-bytes (FR110)."
        )
    return ""


def _frame(raw: bytes, side: Side, agreed: Agreed) -> Frame:
    """The frame the bytes announce, with its real length where the bytes go that far."""
    # Not synchronised: whether a message is open is not known.
    frame = frame_from_header(side, int.from_bytes(raw[:2], "big"), agreed, synchronised=False)
    size = {126: 2, 127: 8}.get(frame.header & 0x7F, 0)
    if size and len(raw) >= 2 + size:
        return msgspec.structs.replace(frame, length=int.from_bytes(raw[2 : 2 + size], "big"))
    return frame


def _payload(raw: bytes) -> str:
    """The beginning of the payload, unmasked, if there is any behind a whole header."""
    if len(raw) < 2:
        return ""
    frame = _frame(raw, Side.CLIENT, Agreed())
    body = raw[frame.header_length : frame.header_length + frame.length]
    if not body:
        return ""
    if frame.masked:
        key = raw[frame.header_length - 4 : frame.header_length]
        body = bytes(byte ^ key[at % 4] for at, byte in enumerate(body))
    return f'Payload: "{printable(body, 60)}" ({len(body)} of {frame.length} bytes)'


def _verdict(raw: bytes, side: Side) -> str:
    breaches = judge(_frame(raw, side, Agreed()))
    who = f"Sent by a {side.value}"
    if not breaches:
        return f"{who}: breaks nothing."
    lines = [f"{who}, it breaks", *(_lines(breach) for breach in breaches)]
    compressed = judge(_frame(raw, side, Agreed(deflate=Deflate())))
    if len(compressed) < len(breaches):
        names = ", ".join(breach.code for breach in compressed) or "nothing"
        lines.append(f"  with permessage-deflate agreed: {names}")
    return "\n".join(lines)


def _lines(breach: Breach) -> str:
    return "\n".join(
        [
            f"  {breach.code}  {breach.name}",
            paragraphs(f"saw {breach.saw}; wanted {breach.wanted}", " " * 9),
        ]
    )
