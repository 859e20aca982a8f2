"""A capture filter for the kernel: compiled by libpcap for the interface, attached to a socket.

Compiled for a live interface, libpcap asks the kernel for VLAN tags and packet directions, which
stand beside the packet there and not in it; so `vlan 7` and `inbound` select what they do in
tcpdump.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from collections.abc import Sequence
from typing import Any

from wsdebug.capture.filters import CaptureFilter
from wsdebug.capture.live.links import ANY, COOKED
from wsdebug.display.escape import printable
from wsdebug.model.errors import UserError

_SO_ATTACH_FILTER = 26
# Loads from here on ask for what stands beside the packet (linux/filter.h).
_BESIDE = 0xFFFFF000
_PROTOCOL, _PACKET_TYPE, _INTERFACE = _BESIDE, _BESIDE + 4, _BESIDE + 8
_OUTGOING = 4
_ERROR_SIZE = 256
_WHOLE = 0x7FFFFFFF
# Instruction classes and modes of classic BPF (linux/bpf_common.h).
_LD, _LDX, _RET = 0, 1, 6
_ABSOLUTE, _INDIRECT, _HEADER_LENGTH = 0x20, 0x40, 0xA0
_LOAD_WORD = 0x20
_JUMP_EQUAL = 0x15
_RETURN = 0x06
_INSTRUCTION = struct.Struct("=HBBI")
# Fields of the SLL2 header, which the file has and the packet in the kernel has not.
_SLL2_LENGTH = 20
_SLL2_FIELDS = {0: _PROTOCOL, 4: _INTERFACE, 10: _PACKET_TYPE}

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""
_EVERYTHING: Instruction = (_RETURN, 0, 0, _WHOLE)
NOTHING: tuple[Instruction, ...] = ((_RETURN, 0, 0, 0),)
"""A program that takes no packet."""


def kernel_program(
    text: str | None, interface: str, linktype: int, once: int | None = None
) -> list[Instruction]:
    """What the kernel is to run for each packet. `once`: index of a loopback interface whose
    outgoing packets are left out, since they come in again. `UserError` where libpcap refuses
    the filter, or the kernel cannot decide it.
    """
    program = [_EVERYTHING]
    if text:
        program = [_whole(each) for each in _Live(text, interface).instructions(linktype)]
        if linktype == COOKED:
            program = [_beside(each, text) for each in program]
    return program if once is None else [*_without_outgoing(once), *program]


def attach(endpoint: socket.socket, program: Sequence[Instruction]) -> None:
    """The kernel asks it about each packet from now on."""
    code = b"".join(_INSTRUCTION.pack(*each) for each in program)
    memory = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: how many instructions, and where they are.
    where = struct.pack("@HP", min(len(program), 0xFFFF), ctypes.addressof(memory))
    try:
        endpoint.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, where)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOMEM):
            raise
        raise UserError(
            f"The kernel refuses the capture filter: {len(program)} instructions are too many.",
            "Ask for less, for example a port alone, and leave the rest to -Y",
        ) from None


class _Live(CaptureFilter):
    """Compiles for an interface rather than for a file."""

    def __init__(self, text: str, interface: str) -> None:
        super().__init__(text)
        self._interface = interface

    def instructions(self, linktype: int) -> list[Instruction]:
        program = self.compile(linktype)
        code = ctypes.string_at(program.instructions, _INSTRUCTION.size * program.length)
        return list(_INSTRUCTION.iter_unpack(code))

    def _open(self, linktype: int) -> Any:
        """A handle of the interface itself; where that is not to be had, one of the link type."""
        pcap = self._pcap
        handle = pcap.pcap_create(
            self._interface.encode(), ctypes.create_string_buffer(_ERROR_SIZE)
        )
        if handle:
            pcap.pcap_set_snaplen(handle, 64)  # it captures nothing: no memory for it
            pcap.pcap_set_buffer_size(handle, 1 << 16)
            wanted = self._in_memory(linktype)
            if pcap.pcap_activate(handle) >= 0 and (
                pcap.pcap_datalink(handle) == wanted or pcap.pcap_set_datalink(handle, wanted) == 0
            ):
                return handle
            pcap.pcap_close(handle)
        return super()._open(linktype)


def _whole(instruction: Instruction) -> Instruction:
    """A packet that is taken is taken whole."""
    code, yes, no, value = instruction
    return (code, yes, no, _WHOLE) if code == _RETURN and value else instruction


def _beside(instruction: Instruction, text: str) -> Instruction:
    """The same for a packet in the kernel, where the SLL2 header is not yet in front of it."""
    code, yes, no, value = instruction
    if code & 7 not in (_LD, _LDX) or code & 0xE0 not in (_ABSOLUTE, _INDIRECT, _HEADER_LENGTH):
        return instruction
    if value >= _BESIDE:
        return instruction
    if value >= _SLL2_LENGTH:
        return code, yes, no, value - _SLL2_LENGTH
    if value not in _SLL2_FIELDS:
        raise UserError(
            f'The capture filter "{printable(text, 80)}" asks for a link header, which'
            f" `{ANY}` and this kind of interface do not have.",
            "Name one Ethernet interface; `wsdebug live -D` lists them",
        )
    return code, yes, no, _SLL2_FIELDS[value]


def _without_outgoing(index: int) -> list[Instruction]:
    return [
        (_LOAD_WORD, 0, 0, _INTERFACE),
        (_JUMP_EQUAL, 0, 3, index),
        (_LOAD_WORD, 0, 0, _PACKET_TYPE),
        (_JUMP_EQUAL, 0, 1, _OUTGOING),
        (_RETURN, 0, 0, 0),
    ]
