"""Where packets come from: pcap and pcapng files, plain or compressed, and standard input."""

from __future__ import annotations

from wsdebug.capture.captures import Captures, open_captures

__all__ = ["Captures", "open_captures"]
