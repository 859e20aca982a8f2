"""What writes on the socket, and how: for ends in the bytes themselves."""

from __future__ import annotations

from wsdebug.knowledge.advice.topic import Topic, lines

STREAMS = {
    "one-upgrade": Topic(
        "Let one thing own 'upgrade' on the HTTP server. In the file that calls `new"
        " WebSocketServer(...)`, keep one server with `{ server }`, or make all of them"
        " `noServer` and route in one listener that destroys what nobody takes.",
        {
            "ws": lines(
                "const a = new WebSocketServer({ noServer: true });",
                "const b = new WebSocketServer({ noServer: true });",
                "server.on('upgrade', (request, socket, head) => {",
                "  const { pathname } = new URL(request.url, 'http://localhost');",
                "  const wss = pathname === '/a' ? a : pathname === '/b' ? b : null;",
                "  if (!wss) return socket.destroy();",
                "  wss.handleUpgrade(request, socket, head,",
                "    (ws) => wss.emit('connection', ws, request));",
                "});",
            ),
        },
    ),
    "not-express": Topic(
        "Do not hand the upgrade request to Express as well: take `app(request, ...)`,"
        " `app.handle(...)` and the like out of the 'upgrade' listener, and any route that calls"
        " `handleUpgrade()` out of the app.",
    ),
    "upgrade-listener": Topic(
        "Take the upgrade in `server.on('upgrade', ...)` and nowhere else: no route, no"
        " middleware and no `next()` may see the request. With that listener Node gives"
        " up its HTTP parser and its timers on the socket. Node 18 and 20 call the"
        " request handler for an upgrade that no such listener takes; Node 16 did not.",
        {
            "ws": lines(
                "const wss = new WebSocketServer({ noServer: true });",
                "server.on('upgrade', (request, socket, head) =>",
                "  wss.handleUpgrade(request, socket, head,",
                "    (ws) => wss.emit('connection', ws, request)));",
            ),
        },
    ),
    "other-listener": Topic(
        "Look for another 'upgrade' listener on the same HTTP server: Socket.IO, a second WebSocket"
        " server, a check that writes 401 or 404 with `socket.write()`. All of them get every"
        " upgrade: let one listener route by path, and let the others leave alone what it took.",
    ),
    "remove-route": Topic(
        "Delete the route that upgrades (the one that calls `handleUpgrade()` with"
        " `req.socket`), or guard it: a request handler that has given its socket away"
        " must not call `next()`, `res.send()` or `res.end()`.",
    ),
    "no-longer-timeout": Topic(
        "Do not raise `headersTimeout` or `requestTimeout` instead: that only puts the cut off.",
    ),
    "one-writer": Topic(
        "Find the second writer: look for `ws._socket.write`, `req.socket.write`,"
        " `server.on('connection', socket => ...)` and for stream pipes into the same"
        " socket. Send through the WebSocket, which makes a frame of it.",
        {
            "ws": "ws.send(JSON.stringify(message));   // not ws._socket.write(...)",
            "websockets": "await websocket.send(json.dumps(message))",
        },
    ),
    "detach": Topic(
        "If the connection is really to go on as plain TCP, close the WebSocket first"
        " and open another connection: frames and raw bytes cannot share one.",
    ),
    "write-lock": Topic(
        "Let one task write to a connection, or hold a lock from the first byte of a"
        " frame's header to the last of its payload.",
    ),
    "count-bytes": Topic(
        "Compute the length from the encoded bytes, after encoding, and write it big-endian.",
        {
            "ws": "Buffer.byteLength(text)   // not text.length",
            "websockets": "len(text.encode())   # not len(text)",
        },
    ),
    "mask": Topic(
        "Mask each frame in the client: set the MASK bit (0x80 of the second byte),"
        " send four fresh random bytes, XOR the payload with them. Every client library"
        " does it: use one, and look for a proxy that copies a server's frames to a"
        " server.",
        {
            "ws": "new WebSocket(url)   // in place of bytes written to a net.Socket",
            "websockets": "async with connect(url) as websocket: ...",
        },
    ),
    "unmask": Topic(
        "Send frames of the server without a mask: clear 0x80 of the second byte and"
        " leave the key out. Look for an echo or a proxy that sends a client's frames"
        " back as they are.",
    ),
    "obey": Topic(
        "Mend the sender named above, in the code that makes its frames; `wsdebug"
        " explain` with the code of the finding says what the standard wants.",
    ),
    "error-listener": Topic(
        "Give each socket of the server an 'error' listener, so that a client's bad"
        " bytes cannot end the process.",
        {
            "ws": "wss.on('connection', (ws) => ws.on('error', console.error));",
        },
    ),
    "deflate-off": Topic(
        "Turn permessage-deflate off on one side to confirm; if that mends it, update"
        " or replace the side named above.",
        {
            "ws": "new WebSocketServer({ server, perMessageDeflate: false })",
            "websockets": "serve(..., compression=None)   # or connect(...)",
            "uvicorn": "uvicorn app:app --ws-per-message-deflate false",
            "aiohttp": "web.WebSocketResponse(compress=False)",
        },
    ),
    "find-hop": Topic(
        "Find the hop: capture before and behind each proxy and compare. Then run TLS"
        " from end to end (wss://), so that nothing between can touch the bytes.",
    ),
    "proxy-protocol": Topic(
        "Switch the PROXY protocol on in the server, or off in the proxy: both or neither.",
        {
            "nginx": "listen 80 proxy_protocol;   # or: proxy_protocol off;",
            "HAProxy": "server app 10.0.0.1:8080   # without send-proxy",
        },
    ),
    "right-port": Topic(
        "Correct the port, or the target of the tunnel: this one speaks SSH.",
    ),
    "message-limit": Topic(
        "Send smaller messages, or raise the receiver's limit.",
        {
            "websockets": "serve(..., max_size=16 * 2**20)   # default 1 MiB",
            "ws": "new WebSocketServer({ maxPayload: 2 ** 28 })   // default 100 MiB",
            "uWebSockets": "maxPayloadLength: 16 * 1024 * 1024   // default 16 KiB",
            "uvicorn": "uvicorn app:app --ws-max-size 33554432   # default 16 MiB",
            "aiohttp": "web.WebSocketResponse(max_msg_size=16 * 2**20)   # default 4 MiB",
            "engine.io": "new Server({ maxHttpBufferSize: 1e8 })   // default 1 000 000",
        },
    ),
}
