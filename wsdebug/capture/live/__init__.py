"""Capturing from interfaces: a process of its own writes a pcapng file that grows.

`Recorder` starts that process and tells how it does; what was captured is read from the file, as
it grows, like any other capture. So reading never makes the capture lose packets, and a reader
that dies loses none of them.
"""

from __future__ import annotations

from wsdebug.capture.live.recorder import Recorder
from wsdebug.capture.live.records import Counters, Ended, InterfaceCounters, Ring

__all__ = ["Counters", "Ended", "InterfaceCounters", "Recorder", "Ring"]
