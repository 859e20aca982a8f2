"""Where packets come from: pcap and pcapng files, plain or compressed, standard input, and files
that somebody still writes.
"""

from __future__ import annotations

from wsdebug.capture.captures import Captures, open_captures
from wsdebug.capture.growing import Followed, GrowingCaptures, Growth

__all__ = ["Captures", "Followed", "GrowingCaptures", "Growth", "open_captures"]
