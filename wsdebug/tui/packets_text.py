"""The packets tab: which packets carry the frame, and how to find them in Wireshark."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.quantities import grouped
from wsdebug.model.rows import PacketInfo
from wsdebug.tui.line import EMPTY, Jump, Line, line
from wsdebug.tui.times import shown_time


def packet_lines(
    packets: Sequence[PacketInfo], stream: int, form: str, start: int | None
) -> list[Line]:
    """A line a packet."""
    if not packets:
        return [line(("its packets could not be read again", "faint"))]
    lines = [
        line((f"{'packet':>8} {'time':>12}   {'seq':>10} {'ack':>10} {'bytes':>6}  flags", "faint"))
    ]
    before: int | None = None
    for each in packets:
        when = shown_time(form, each.time, start, before)
        before = each.time
        arrow = "▸" if each.side == "client" else "◂"
        ack = "" if each.ack is None else str(each.ack)
        again = "  ▲ retransmission" if each.retransmission else ""
        lines.append(
            line(
                f"{grouped(each.number):>8} {when:>12} ",
                (arrow, each.side.value),
                f" {each.seq:>10} {ack:>10} {each.length:>6}  {each.flags}",
                (again, "warning"),
                jump=Jump(packet=each.number),
            )
        )
    lines += [
        EMPTY,
        line(("in Wireshark  ", "faint"), (wireshark(packets[0].number, stream), "key")),
    ]
    return lines


def wireshark(packet: int, stream: int) -> str:
    """The display filter that shows the packet."""
    return f"tcp.stream eq {stream} && frame.number == {packet}"
