"""What keeps connections alive, and how to end and to follow them."""

from __future__ import annotations

from wsdebug.knowledge.advice.topic import Topic, lines

ENDINGS = {
    "ping": Topic(
        "Send a ping every 25 s from the server (a page cannot send one).",
        {
            "websockets": "serve(..., ping_interval=25)",
            "ws": lines(
                "setInterval(() =>",
                "  wss.clients.forEach((ws) => ws.ping()), 25_000);",
            ),
            "uvicorn": "uvicorn app:app --ws-ping-interval 25",
            "aiohttp": "web.WebSocketResponse(heartbeat=25)",
            "tornado": "tornado.web.Application(..., websocket_ping_interval=25)",
            "uWebSockets": "idleTimeout: 60, sendPingsAutomatically: true",
            "engine.io": "new Server({ pingInterval: 25000 })",
        },
        side="server",
    ),
    "ping-sooner": Topic(
        "Ping at less than half of that limit, so that one ping may be lost.",
        {
            "websockets": "serve(..., ping_interval=20)",
            "ws": lines(
                "setInterval(() =>",
                "  wss.clients.forEach((ws) => ws.ping()), 20_000);",
            ),
        },
    ),
    "raise-timeout": Topic(
        "Or raise the idle timeout of what stands between.",
        {
            "nginx": "proxy_read_timeout 3600s;   # in the location with proxy_pass",
            "HAProxy": "timeout tunnel 1h   # in defaults or the backend",
        },
    ),
    "raise-own-timeout": Topic(
        "Or raise the idle timeout of the server itself, or of what stands before it.",
    ),
    "expect-end": Topic(
        "A longest life cannot be pinged away: raise it, or let the client connect"
        " again when it ends.",
    ),
    "reconnect": Topic(
        "Let the client connect again with growing random waits (1 s, 2 s, 4 s ... up to 60 s).",
        {
            "browser": lines(
                "setTimeout(connect,",
                "  Math.random() * Math.min(60_000, 1000 * 2 ** tries++));",
            ),
            "ws": lines(
                "socket.on('close', () => setTimeout(connect,",
                "  Math.random() * Math.min(60_000, 1000 * 2 ** tries++)));",
            ),
            "websockets": "async for websocket in connect(url): ...",
        },
        side="client",
    ),
    "goodbye": Topic(
        "Close with 1001 before going away (on SIGTERM, too), so that clients know why.",
        {
            "ws": lines(
                "process.on('SIGTERM', () =>",
                "  wss.clients.forEach((ws) => ws.close(1001)));",
            ),
            "websockets": "loop.add_signal_handler(signal.SIGTERM, server.close)   # sends 1001",
        },
    ),
    "detect-dead": Topic(
        "Ping from both sides, so that a dead connection is noticed within a minute, and"
        " keep state that survives a reconnect: laptops sleep and phones change networks.",
    ),
    "clamp-mss": Topic(
        "Let packets fit the path: lower the MTU of the tunnel's interface or clamp the"
        " MSS (`iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS"
        ' --clamp-mss-to-pmtu`), and let ICMP "fragmentation needed" through.',
    ),
    "unblock": Topic(
        "Look for what keeps the silent side from answering: a blocked event loop (long"
        " computation, synchronous I/O), a full receive queue, a page in the"
        " background. A library answers pings only while it runs and reads.",
        {
            "websockets": "serve(..., ping_timeout=60)   # only to confirm",
        },
    ),
    "read-path": Topic(
        "No acknowledgement came back: the path or the host is gone, so look at the"
        " network, sleep and Wi-Fi of the silent side, not at its code.",
    ),
    "why-hung-up": Topic(
        "Look at the process of the side that hung up, at the time above: did it exit,"
        " was it killed (`dmesg`, the container's log), did it call `terminate()` or"
        " `destroy()`?",
    ),
    "why-reset": Topic(
        "Look at the side that reset: a killed process, `socket.destroy()`, SO_LINGER"
        " 0, or input that was never read when it closed.",
    ),
    "find-injector": Topic(
        "Find the box that sent it: compare TTLs hop by hop (`traceroute -T`), look at"
        " firewalls, IDS and parental filters on the way, and try wss:// on port 443.",
    ),
    "drain": Topic(
        "Read faster than the other side sends: take messages off the socket at once"
        " and queue them, drop what is stale; on the sender watch its buffer and stop"
        " sending.",
        {
            "browser": "move heavy work out of onmessage (a Worker)",
            "websockets": "async for message in websocket: queue.put_nowait(message)",
            "ws": "if (ws.bufferedAmount > 1_000_000) return;   // skip this update",
        },
    ),
    "check-after-open": Topic(
        "Look at what the server does right after opening: a check of token, origin or"
        " path that hangs up. Let it refuse the upgrade with 401 or 403, or close with"
        " 1008 and a reason.",
        {
            "ws": "ws.close(1008, 'token expired');   // not ws.terminate()",
            "websockets": 'await websocket.close(1008, "token expired")',
        },
    ),
    "answer-close": Topic(
        "Let the silent side read until the Close comes: libraries answer it by"
        " themselves, but only while somebody receives.",
    ),
    "ping-from-server": Topic(
        "Ping from the server instead: browsers slow the timers of hidden pages down to"
        " one a minute, and answer protocol pings all the same.",
    ),
    "uncaught": Topic(
        "Read the server's log of that moment for an uncaught exception: one that ends the"
        ' process drops every connection so. ws 8 throws "server.handleUpgrade() was called more'
        ' than once with the same socket" when two owners take one upgrade.',
    ),
    "read-log": Topic(
        "Read the log of the side that sent the Close, at the time above: its"
        " application called close() or raised an error there.",
    ),
    "h2-goaway": Topic(
        "Look at the side that sent GOAWAY: a reload, a longest life or an idle time of its HTTP/2"
        " connections ends the WebSockets on them, too.",
        {
            "nginx": "keepalive_time 24h;   # and keepalive_requests, keepalive_timeout",
            "envoy": "max_connection_duration, idle_timeout   # common_http_protocol_options",
            "node": "session.setTimeout(0)   // http2 ends idle sessions that were given a timeout",
        },
    ),
    "h2-stream-reset": Topic(
        "Look at the log of the side that reset the stream at that moment; its code tells where:"
        " INTERNAL_ERROR and PROTOCOL_ERROR are its program's, CANCEL is passed on from who was"
        " behind it.",
    ),
}
