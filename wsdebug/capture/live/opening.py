"""Opens what is to be recorded: our own ring where the kernel has it, else scapy's sockets."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, Protocol

from wsdebug.capture.live.links import ANY, is_up
from wsdebug.capture.live.records import Order
from wsdebug.display.escape import printable
from wsdebug.model.errors import UserError


class Source(Protocol):
    """An interface that is being captured."""

    name: str
    link_type: int
    fault: OSError | None
    """Why nothing more comes."""
    packets: int
    captured: int

    def take(self) -> list[bytes]:
        """What has come, as enhanced packet blocks; part of it, if it is much."""

    def dropped(self) -> int | None:
        """Packets that the system threw away since it began; None where it does not tell."""

    def close(self) -> None:
        """Ends."""


class Opened(NamedTuple):
    """Sources, how to wait for them, what the user should know."""

    sources: Sequence[Source]
    wait: Callable[[Any, float], None]
    notes: tuple[str, ...] = ()


def opened(order: Order) -> Opened:
    """Begins to capture. `UserError` without rights, interface or libpcap, or for a filter."""
    if not order.interfaces:
        raise UserError("No interface is named.", f"-i {ANY} takes them all")
    for name in order.interfaces:
        _must_be(name, order.interfaces)
    try:
        if order.own_ring and sys.platform == "linux":
            return _rings(order)
        return _sockets(order, "as asked" if sys.platform == "linux" else "")
    except PermissionError:
        raise _no_rights(order) from None
    except OSError as error:
        names = printable(", ".join(order.interfaces), 80)
        raise UserError(
            f"{names} cannot be captured: {error.strerror}.",
            "`wsdebug live -D` lists the interfaces",
        ) from None


def _rings(order: Order) -> Opened:
    from wsdebug.capture.live import packet_ring  # noqa: PLC0415 - Linux only

    rings: list[packet_ring.PacketRing] = []
    share = len(order.interfaces)
    try:
        for number, name in enumerate(order.interfaces):
            rings.append(packet_ring.PacketRing(name, number, order.capture_filter, share))
        for ring in rings:
            ring.bind()
    except packet_ring.RingRefusedError as error:
        for ring in rings:
            ring.close()
        return _sockets(order, str(error))
    return Opened(rings, packet_ring.wait)


def _sockets(order: Order, why: str) -> Opened:
    from wsdebug.capture.live import scapy_sockets  # noqa: PLC0415 - loads scapy

    return scapy_sockets.opened(order, why)


def _must_be(name: str, names: Sequence[str]) -> None:
    if name == ANY:
        if len(names) > 1:
            raise UserError(
                f"`{ANY}` is every interface already.", f"Leave the others out: -i {ANY}"
            )
        return
    known = [each for _, each in socket.if_nameindex()]
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UserError(
            f'There is no interface "{printable(name, 40)}".',
            f"{hint}`wsdebug live -D` lists the interfaces",
        )
    if sys.platform == "linux" and not is_up(name):
        shown = printable(name, 40)
        raise UserError(
            f"{shown} is down: nothing passes it.", f"Switch it on: ip link set {shown} up"
        )


def _no_rights(order: Order) -> UserError:
    names = ", ".join(order.interfaces)
    expression = shlex.quote(order.capture_filter or "port 8080")
    first = shlex.quote(order.interfaces[0])
    by_tcpdump = f"`sudo tcpdump -i {first} -U -w - {expression} | wsdebug live -`"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        hint = f"start this container with --cap-add NET_RAW, or run outside of it {by_tcpdump}"
    else:
        hint = f"run {by_tcpdump}, or run wsdebug live with sudo"
    return UserError(
        f"Capturing on {printable(names, 80)} needs root's rights (CAP_NET_RAW).", hint
    )
