"""Reads the libraries from `data`, each when it is first asked for."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import msgspec

from wsdebug.knowledge.libraries.model import Library

_DATA = Path(__file__).parent / "data"

LIBRARIES: dict[str, str] = {
    "ws": "ws",
    "undici": "undici",
    "undici6": "undici6",
    "uWebSockets": "uwebsockets",
    "websockets": "websockets",
    "aiohttp": "aiohttp",
    "wsproto": "wsproto",
    "tornado": "tornado",
    "websocket-client": "websocket-client",
    "websocket-client-app": "websocket-client-app",
    "autobahn": "autobahn",
    "hypercorn": "hypercorn",
    "npm-websocket": "npm-websocket",
    "faye-websocket-driver": "faye",
    "gorilla/websocket": "gorilla",
    "coder/websocket": "coder",
    "gobwas/ws": "gobwas",
    "Java-WebSocket": "java-websocket",
    "okhttp": "okhttp",
    "netty": "netty",
    "jetty": "jetty",
    "jetty9": "jetty9",
    "tomcat": "tomcat",
    "dotnet": "dotnet",
    "chromium": "chromium",
    "firefox": "firefox",
    "webkit-legacy": "webkit-legacy",
    "libwebsockets-server": "libwebsockets-server",
    "libwebsockets-client": "libwebsockets-client",
    "boost.beast": "beast",
    "websocketpp": "websocketpp",
    "tungstenite": "tungstenite",
    "fastwebsockets": "fastwebsockets",
    "bun": "bun",
    "engine.io/socket.io": "socket-io",
    "signalr": "signalr",
    "node": "node",
    "nginx": "nginx",
    "haproxy": "haproxy",
}
"""Name -> file, the commonest first."""


@functools.cache
def library(name: str) -> Library:
    """One library by its name."""
    text = (_DATA / f"{LIBRARIES[name]}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Library)


def all_libraries() -> list[Library]:
    """All of them, the commonest first."""
    return [library(name) for name in LIBRARIES]
