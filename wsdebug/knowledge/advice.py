"""What to change, by topic, with the code or the setting for the software at hand.

The one place where these texts stand. A topic has a sentence and examples by software, under the
names of `diagnosis.betrayed`; an example may have several lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_NAMES = {
    "ws": "ws (Node)",
    "websockets": "websockets",
    "browser": "browser",
    "engine.io": "Socket.IO",
    "HAProxy": "HAProxy",
}
"""How a software is called in front of its example; others as they are."""

_TOPICS: dict[str, tuple[str, Mapping[str, str]]] = {
    "one-upgrade": (
        "Let one thing own 'upgrade' on the HTTP server. In the file that calls"
        " `new WebSocketServer(...)`, keep one server with `{ server }`, or make all of them"
        " `noServer` and route in one listener that destroys what nobody takes.",
        {
            "ws": "const a = new WebSocketServer({ noServer: true });\n"
            "const b = new WebSocketServer({ noServer: true });\n"
            "server.on('upgrade', (request, socket, head) => {\n"
            "  const { pathname } = new URL(request.url, 'http://localhost');\n"
            "  const wss = pathname === '/a' ? a : pathname === '/b' ? b : null;\n"
            "  if (!wss) return socket.destroy();\n"
            "  wss.handleUpgrade(request, socket, head,\n"
            "    (ws) => wss.emit('connection', ws, request));\n"
            "});",
        },
    ),
    "upgrade-listener": (
        "Take the upgrade in `server.on('upgrade', ...)` and nowhere else: no route, no middleware"
        " and no `next()` may see the request. With that listener Node gives up its HTTP parser and"
        " its timers on the socket. Node 18 and 20 call the request handler for an upgrade that no"
        " such listener takes; Node 16 did not.",
        {
            "ws": "const wss = new WebSocketServer({ noServer: true });\n"
            "server.on('upgrade', (request, socket, head) =>\n"
            "  wss.handleUpgrade(request, socket, head,\n"
            "    (ws) => wss.emit('connection', ws, request)));",
        },
    ),
    "remove-route": (
        "Delete the route that upgrades (the one that calls `handleUpgrade()` with `req.socket`),"
        " or guard it: a request handler that has given its socket away must not call `next()`,"
        " `res.send()` or `res.end()`.",
        {},
    ),
    "no-longer-timeout": (
        "Do not raise `headersTimeout` or `requestTimeout` instead: that only puts the cut off.",
        {},
    ),
    "one-writer": (
        "Find the second writer: look for `ws._socket.write`, `req.socket.write`,"
        " `server.on('connection', socket => ...)` and for stream pipes into the same socket. Send"
        " through the WebSocket, which makes a frame of it.",
        {
            "ws": "ws.send(JSON.stringify(message));   // not ws._socket.write(...)",
            "websockets": "await websocket.send(json.dumps(message))   # not writer.write(...)",
        },
    ),
    "detach": (
        "If the connection is really to go on as plain TCP, close the WebSocket first and open"
        " another connection: frames and raw bytes cannot share one.",
        {},
    ),
    "write-lock": (
        "Let one task write to a connection, or hold a lock from the first byte of a frame's header"
        " to the last of its payload.",
        {},
    ),
    "count-bytes": (
        "Compute the length from the encoded bytes, after encoding, and write it big-endian.",
        {
            "ws": "Buffer.byteLength(text)   // not text.length",
            "websockets": "len(text.encode())   # not len(text)",
        },
    ),
    "mask": (
        "Mask each frame in the client: set the MASK bit (0x80 of the second byte), send four fresh"
        " random bytes, XOR the payload with them. Every client library does it: use one, and look"
        " for a proxy that copies a server's frames to a server.",
        {
            "ws": "new WebSocket(url)   // in place of bytes written to a net.Socket",
            "websockets": "async with connect(url) as websocket: ...",
        },
    ),
    "unmask": (
        "Send frames of the server without a mask: clear 0x80 of the second byte and leave the key"
        " out. Look for an echo or a proxy that sends a client's frames back as they are.",
        {},
    ),
    "obey": (
        "Mend the sender named above, in the code that makes its frames; `wsdebug explain` with the"
        " code of the finding says what the standard wants.",
        {},
    ),
    "error-listener": (
        "Give each socket of the server an 'error' listener, so that a client's bad bytes cannot end"
        " the process.",
        {"ws": "wss.on('connection', (ws) => ws.on('error', console.error));"},
    ),
    "deflate-off": (
        "Turn permessage-deflate off on one side to confirm; if that mends it, update or replace the"
        " side named above.",
        {
            "ws": "new WebSocketServer({ server, perMessageDeflate: false })",
            "websockets": "serve(..., compression=None)   # or connect(..., compression=None)",
            "uvicorn": "uvicorn app:app --ws-per-message-deflate false",
            "aiohttp": "web.WebSocketResponse(compress=False)",
        },
    ),
    "tls-scheme": (
        "Make scheme and port agree: wss:// to the TLS port, ws:// to the plain one; and check what"
        " the proxy in front speaks to the server behind (`proxy_pass http://` or `https://`).",
        {},
    ),
    "proxy-protocol": (
        "Switch the PROXY protocol on in the server, or off in the proxy: both or neither.",
        {
            "nginx": "listen 80 proxy_protocol;   # or: proxy_protocol off;",
            "HAProxy": "server app 10.0.0.1:8080   # without send-proxy",
        },
    ),
    "right-port": ("Correct the port, or the target of the tunnel: this one speaks SSH.", {}),
    "find-hop": (
        "Find the hop: capture before and behind each proxy and compare. Then run TLS from end to"
        " end (wss://), so that nothing between can touch the bytes.",
        {},
    ),
    "read-log": (
        "Read the log of the side that sent the Close, at the time above: its application called"
        " close() or raised an error there.",
        {},
    ),
    "ping": (
        "Send a ping every 25 s from the server (a page cannot send one).",
        {
            "websockets": "serve(..., ping_interval=25)",
            "ws": "setInterval(() =>\n  wss.clients.forEach((ws) => ws.ping()), 25_000);",
            "uvicorn": "uvicorn app:app --ws-ping-interval 25",
            "aiohttp": "web.WebSocketResponse(heartbeat=25)",
            "tornado": "tornado.web.Application(..., websocket_ping_interval=25)",
            "uWebSockets": "idleTimeout: 60, sendPingsAutomatically: true",
            "engine.io": "new Server({ pingInterval: 25000 })",
        },
    ),
    "ping-sooner": (
        "Ping at less than half of that limit, so that one ping may be lost.",
        {
            "websockets": "serve(..., ping_interval=20)",
            "ws": "setInterval(() =>\n  wss.clients.forEach((ws) => ws.ping()), 20_000);",
        },
    ),
    "raise-timeout": (
        "Or raise the idle timeout of what stands between.",
        {
            "nginx": "proxy_read_timeout 3600s;   # in the location with proxy_pass",
            "HAProxy": "timeout tunnel 1h   # in defaults or the backend",
        },
    ),
    "expect-end": (
        "A longest life cannot be pinged away: raise it, or let the client connect again when it"
        " ends.",
        {},
    ),
    "reconnect": (
        "Let the client connect again with growing random waits (1 s, 2 s, 4 s ... up to 60 s).",
        {
            "browser": "setTimeout(connect,\n  Math.random() * Math.min(60_000, 1000 * 2 ** tries++));",
            "websockets": "async for websocket in connect(url): ...",
        },
    ),
    "goodbye": (
        "Close with 1001 before going away (on SIGTERM, too), so that clients know why.",
        {
            "ws": "process.on('SIGTERM', () =>\n"
            "  wss.clients.forEach((ws) => ws.close(1001)));",
            "websockets": "loop.add_signal_handler(signal.SIGTERM, server.close)   # sends 1001",
        },
    ),
    "detect-dead": (
        "Expect it: laptops sleep and phones change networks. Ping from both sides so that the dead"
        " connection is noticed within a minute, and keep state that survives a reconnect.",
        {},
    ),
    "clamp-mss": (
        "Let packets fit the path: lower the MTU of the tunnel's interface or clamp the MSS"
        " (`iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS"
        " --clamp-mss-to-pmtu`), and let ICMP \"fragmentation needed\" through.",
        {},
    ),
    "unblock": (
        "Look for what keeps the silent side from answering: a blocked event loop (long computation,"
        " synchronous I/O), a full receive queue, a page in the background. A library answers pings"
        " only while it runs and reads.",
        {"websockets": "serve(..., ping_timeout=60)   # only to confirm"},
    ),
    "read-path": (
        "No acknowledgement came back: the path or the host is gone, so look at the network, sleep"
        " and Wi-Fi of the silent side, not at its code.",
        {},
    ),
    "message-limit": (
        "Send smaller messages, or raise the receiver's limit.",
        {
            "websockets": "serve(..., max_size=16 * 2**20)   # default 1 MiB",
            "ws": "new WebSocketServer({ server, maxPayload: 2 ** 28 })   // default 100 MiB",
            "uWebSockets": "maxPayloadLength: 16 * 1024 * 1024   // default 16 KiB",
            "uvicorn": "uvicorn app:app --ws-max-size 33554432   # default 16 MiB",
            "aiohttp": "web.WebSocketResponse(max_msg_size=16 * 2**20)   # default 4 MiB",
            "engine.io": "new Server({ maxHttpBufferSize: 1e8 })   // default 1 000 000",
        },
    ),
    "why-hung-up": (
        "Look at the process of the side that hung up, at the time above: did it exit, was it killed"
        " (`dmesg`, the container's log), did it call `terminate()` or `destroy()`?",
        {},
    ),
    "why-reset": (
        "Look at the side that reset: a killed process, `socket.destroy()`, SO_LINGER 0, or input"
        " that was never read when it closed.",
        {},
    ),
    "find-injector": (
        "Find the box that sent it: compare TTLs hop by hop (`traceroute -T`), look at firewalls,"
        " IDS and parental filters on the way, and try wss:// on port 443.",
        {},
    ),
    "drain": (
        "Read faster than the other side sends: take messages off the socket at once and queue them,"
        " drop what is stale; on the sender watch its buffer and stop sending.",
        {
            "browser": "move heavy work out of onmessage (a Worker)",
            "websockets": "async for message in websocket: queue.put_nowait(message)",
            "ws": "if (ws.bufferedAmount > 1_000_000) return;   // skip this update",
        },
    ),
    "check-after-open": (
        "Look at what the server does right after opening: a check of token, origin or path that"
        " hangs up. Let it refuse the upgrade with 401 or 403, or close with 1008 and a reason.",
        {
            "ws": "ws.close(1008, 'token expired');   // not ws.terminate()",
            "websockets": 'await websocket.close(1008, "token expired")',
        },
    ),
    "answer-close": (
        "Let the silent side read until the Close comes: libraries answer it by themselves, but only"
        " while somebody receives.",
        {},
    ),
    "ping-from-server": (
        "Ping from the server instead: browsers slow the timers of hidden pages down to one a"
        " minute, and answer protocol pings all the same.",
        {},
    ),
    "pass-upgrade": (
        "Let the proxy pass the upgrade on.",
        {
            "nginx": "proxy_http_version 1.1;\n"
            "proxy_set_header Upgrade $http_upgrade;\n"
            'proxy_set_header Connection "upgrade";   # in the location with proxy_pass',
            "Apache": "ProxyPass /live ws://127.0.0.1:8080/live   # with mod_proxy_wstunnel",
        },
    ),
    "use-wss": (
        "Use wss://: a proxy that cannot look inside has to pass it.",
        {},
    ),
    "listen": (
        "Check that the server's event loop runs and that something handles the upgrade at this host"
        " and path; in Node a server without an 'upgrade' listener may leave it without an answer.",
        {},
    ),
    "fix-request": (
        "Use a WebSocket client library for the request, and look for proxies that rewrite it.",
        {},
    ),
    "fix-answer": (
        "Mend the server's (or the proxy's) 101: only what was offered may be accepted.",
        {},
    ),
    "subprotocol": (
        "Let the server choose one of the subprotocols that the client offers, or none.",
        {
            "ws": "new WebSocketServer({ server, handleProtocols:\n"
            "  (offered) => offered.has('chat.v1') ? 'chat.v1' : false })",
            "websockets": 'serve(..., subprotocols=["chat.v1"])',
            "browser": 'new WebSocket(url, ["chat.v1", "chat.v2"])',
        },
    ),
    "fresh-accept": (
        "Compute Sec-WebSocket-Accept from the key of this very request, and keep caches away from"
        " the path (`Cache-Control: no-store`).",
        {},
    ),
    "capture-all": (
        "Capture again without loss: `tcpdump -s 0 -B 65536 -w trace.pcap port PORT` on one of the"
        " two hosts, not on a mirror port.",
        {},
    ),
    "capture-earlier": (
        "Start the capture before the connection is opened, so that the upgrade is in it.",
        {},
    ),
    "key-log": (
        "Record the TLS keys as well: `SSLKEYLOGFILE=keys.log` in the environment of the client, or"
        " capture behind the proxy that ends TLS.",
        {},
    ),
    "other-side": (
        "Capture at the endpoint that reported the error. If the wire is right there too, its decoder"
        " is wrong: try another version of it, and permessage-deflate off.",
        {},
    ),
    "both-legs": (
        "To know which: capture on both sides of the proxy at once"
        " (`tcpdump -i any -w both.pcap`), with the next cut in it.",
        {},
    ),
}
_USUAL = ("ws", "websockets", "nginx", "HAProxy")
"""Whose examples are shown where the handshake betrays nobody."""
_MOST = 3


def advice(topic: str, software: Iterable[str] = ()) -> str:
    """The sentence of a topic and under it the examples for this software, those named first;
    where none is known, the usual ones. Each example's lines stand on lines of their own.
    """
    sentence, examples = _TOPICS[topic]
    wanted = [name for name in dict.fromkeys(software) if name in examples]
    names = wanted or [name for name in _USUAL if name in examples]
    lines = [line for name in names[:_MOST] for line in _example(name, examples[name])]
    return "\n".join([sentence, *lines])


def topics() -> tuple[str, ...]:
    """Every topic."""
    return tuple(_TOPICS)


def _example(name: str, text: str) -> list[str]:
    first, *others = text.split("\n")
    label = _NAMES.get(name, name)
    if not others:
        return [f"{label}: {first}"]
    return [f"{label}:", *(f"    {line}" for line in (first, *others))]
