"""Addresses with ports as people write them."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=64)  # many connections go to few servers, and one text does for all
def socket_name(address: str, port: int) -> str:
    """`192.0.2.10:51514`; an IPv6 address stands in brackets (RFC 5952 6)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
