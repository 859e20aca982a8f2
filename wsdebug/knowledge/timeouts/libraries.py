"""Timeouts of WebSocket libraries and of the system below them. gorilla/websocket, ws, coder,
gobwas, tungstenite and OkHttp have no idle timeout of their own.
"""

from __future__ import annotations

from wsdebug.knowledge.timeouts.timeout import Timeout

LIBRARIES = (
    Timeout(
        product="uWebSockets",
        setting="idleTimeout",
        seconds=120,
        kind="idle",
        resets="client",
        shape="fin",
        verified="documented",
        change="idleTimeout: 960",
        note="It pings first, unless told not to; a pong counts.",
    ),
    Timeout(
        product="Deno.serve",
        setting="idleTimeout",
        seconds=30,
        kind="idle",
        resets="client",
        shape="close",
        verified="unverified",
        change="Deno.upgradeWebSocket(request, { idleTimeout: 120 })",
        note="It pings first; a pong counts.",
    ),
    Timeout(
        product="Python websockets",
        setting="ping_timeout",
        seconds=20,
        kind="ping",
        resets="none",
        shape="close-1011",
        verified="executed",  # 17.4
        change="serve(..., ping_interval=20, ping_timeout=60)",
        every=20,
    ),
    Timeout(
        product="Socket.IO",
        setting="pingTimeout",
        seconds=20,
        kind="ping",
        resets="none",
        shape="close",
        verified="documented",
        change="new Server({ pingInterval: 25000, pingTimeout: 60000 })",
        every=25,
        note='Its pings are text messages, "2", and pongs "3".',
    ),
    Timeout(
        product="Java-WebSocket",
        setting="connectionLostTimeout",
        seconds=60,
        kind="ping",
        resets="none",
        shape="fin",
        verified="documented",
        change="setConnectionLostTimeout(120)",
        every=60,
        late=31.5,  # it looks once an interval and grants half of one more
    ),
    Timeout(
        product="ws (Node.js)",
        setting="closeTimeout",
        seconds=30,
        kind="close",
        resets="none",
        shape="fin",
        verified="documented",
        change="",
    ),
    Timeout(
        product="Python websockets",
        setting="close_timeout",
        seconds=10,
        kind="close",
        resets="none",
        shape="fin",
        verified="documented",
        change="serve(..., close_timeout=20)",
    ),
)
