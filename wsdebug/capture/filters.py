"""Capture filters, in the language of tcpdump (pcap-filter(7)), run by libpcap itself.

Nothing here knows the language: libpcap compiles a filter for each link type and is asked about
each packet, so that a filter selects what `tcpdump -r FILE FILTER` selects. Where libpcap is
missing or refuses, that is the user's to know: no filter is ever ignored.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

from wsdebug.capture.link_types import link_type_name
from wsdebug.display.escape import printable
from wsdebug.model.errors import UserError
from wsdebug.model.place import Packet

_NAMES = {"linux": ("libpcap.so.0.8", "libpcap.so.1"), "win32": ("wpcap.dll",)}
_SNAP_LENGTH = 262_144
_NETMASK_UNKNOWN = 0xFFFFFFFF
# The numbers in files (LINKTYPE_) are those of libpcap in memory (DLT_), but for these.
_IN_MEMORY = {100: 11, 101: 14 if sys.platform.startswith("openbsd") else 12}
_MISSING = (
    "Install it (apt install libpcap0.8, dnf install libpcap, on Windows Npcap), or leave out the"
    " capture filter."
)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.c_void_p))


class _Header(ctypes.Structure):
    """struct pcap_pkthdr; a filter looks at the lengths only."""

    _fields_ = (
        ("seconds", ctypes.c_long),
        ("fraction", ctypes.c_long),
        ("captured", ctypes.c_uint32),
        ("wire", ctypes.c_uint32),
    )


class CaptureFilter:
    """A filter, compiled for each link type when its first packet comes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pcap = _library()
        self._programs: dict[int, _Program] = {}
        if "\0" in text:
            raise UserError("A capture filter cannot hold a NUL.")

    def select(self, batch: Sequence[Packet]) -> list[Packet]:
        """The packets that match, in their order; `UserError` where the filter is none for them."""
        matches, programs, header = self._pcap.pcap_offline_filter, self._programs, _Header()
        at = ctypes.byref(header)
        chosen = []
        for packet in batch:
            _, _, linktype, data, wire, _ = packet
            program = programs.get(linktype)
            if program is None:
                program = programs[linktype] = self.compile(linktype)
            header.captured, header.wire = len(data), min(wire, _NETMASK_UNKNOWN)
            if matches(ctypes.byref(program), at, data):
                chosen.append(packet)
        return chosen

    def compile(self, linktype: int) -> _Program:
        """`UserError` where libpcap refuses it for packets of that kind."""
        program, error = self._compile(self.text, linktype)
        if program is None:
            name = link_type_name(linktype)
            read = self._readable(linktype)
            where = f'; it can be read up to "{printable(read, 80)}"' if read else ""
            raise UserError(
                f'libpcap refuses the capture filter "{printable(self.text, 80)}" for link type'
                f' {name}: "{printable(error, 200)}"{where}.',
                "`man pcap-filter` describes the language: host 192.0.2.1 and tcp port 8080",
            )
        return program

    def _compile(self, text: str, linktype: int) -> tuple[_Program | None, str]:
        """The program, or None and what libpcap says."""
        pcap = self._pcap
        handle = self._open(linktype)
        if not handle:
            return None, "pcap_open_dead failed"
        program = _Program()
        try:
            failed = pcap.pcap_compile(
                handle, ctypes.byref(program), _encoded(text), 1, _NETMASK_UNKNOWN
            )
            if failed:
                return None, pcap.pcap_geterr(handle).decode("utf-8", "replace")
        finally:
            pcap.pcap_close(handle)
        return program, ""

    def _open(self, linktype: int) -> Any:
        """What libpcap compiles for."""
        return self._pcap.pcap_open_dead(self._in_memory(linktype), _SNAP_LENGTH)

    @staticmethod
    def _in_memory(linktype: int) -> int:
        return _IN_MEMORY.get(linktype, linktype)

    def _readable(self, linktype: int) -> str:
        """The longest beginning, by words, that is a filter: libpcap names no place itself."""
        words = self.text.split()
        for count in range(min(len(words), 100) - 1, 0, -1):
            beginning = " ".join(words[:count])
            program, _ = self._compile(beginning, linktype)
            if program is not None:
                self._pcap.pcap_freecode(ctypes.byref(program))
                return beginning
        return ""


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@cache
def _library() -> Any:
    names = [*_NAMES.get(sys.platform, ()), ctypes.util.find_library("pcap")]
    for name in filter(None, names):
        try:
            pcap = ctypes.CDLL(name)
        except OSError:
            continue
        return _typed(pcap)
    raise UserError("A capture filter needs libpcap, which is not installed.", _MISSING)


def _typed(pcap: Any) -> Any:
    """Argument and result types (pcap(3PCAP)); without them ctypes cuts pointers to 32 bits."""
    pcap.pcap_open_dead.restype = ctypes.c_void_p
    pcap.pcap_open_dead.argtypes = (ctypes.c_int, ctypes.c_int)
    pcap.pcap_compile.argtypes = (
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_uint32,
    )
    pcap.pcap_geterr.restype = ctypes.c_char_p
    pcap.pcap_geterr.argtypes = pcap.pcap_close.argtypes = (ctypes.c_void_p,)
    pcap.pcap_create.restype = ctypes.c_void_p
    pcap.pcap_create.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    for name in ("pcap_set_snaplen", "pcap_set_buffer_size", "pcap_set_datalink"):
        getattr(pcap, name).argtypes = (ctypes.c_void_p, ctypes.c_int)
    pcap.pcap_activate.argtypes = pcap.pcap_datalink.argtypes = (ctypes.c_void_p,)
    pcap.pcap_freecode.argtypes = (ctypes.c_void_p,)
    pcap.pcap_offline_filter.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
    return pcap
