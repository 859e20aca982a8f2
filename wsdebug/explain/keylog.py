"""The page of key logs: how to get the keys of TLS, in one screen."""

from __future__ import annotations

from wsdebug.explain.paragraphs import listing, page, paragraphs
from wsdebug.knowledge.key_logs import INSIDE, RECIPES, RULES, USE

NAMES = ("keylog", "key-log", "keys", "sslkeylogfile", "tls", "wss")


def keylog_page(name: str) -> str | None:
    """None for another word."""
    if name.lower() not in NAMES:
        return None
    return page(
        "keylog  the keys of TLS, so that wss:// can be read",
        f"  {USE}",
        listing(RECIPES),
        paragraphs(RULES),
        paragraphs(INSIDE),
    )
