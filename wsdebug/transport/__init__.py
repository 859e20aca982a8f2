"""Packets to TCP connections: two ordered byte streams each, their gaps, and what happened.

`Transport.consume` takes batches of captured packets. The plain ones (Ethernet, IP without
options, the next bytes in order) stay in one fast loop (`demultiplexer`); everything else goes,
packet by packet, through `unwrap` (link, tags, tunnels, fragments, IP) and `assembly`. What is out
of order waits in `reorder`; `holes` says when bytes are missing from the capture rather than late
or lost; `ladder` finds the sender who gets no answer; `table` knows which connection a packet
belongs to.

An observer sees more than a receiver (both directions) and less (what the capture dropped), so it
must not behave like one: bytes count as sent when they were captured, as received when they were
acknowledged, and as missing only when they were received and not captured.
"""

from wsdebug.transport.assembly import conclude
from wsdebug.transport.consumer import Consumer
from wsdebug.transport.demultiplexer import Transport
from wsdebug.transport.flow import Flow, Opener
from wsdebug.transport.half import Half
from wsdebug.transport.ladder import unanswered

__all__ = ["Consumer", "Flow", "Half", "Opener", "Transport", "conclude", "unanswered"]
