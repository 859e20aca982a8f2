"""The opening handshake, and how to capture what would tell."""

from __future__ import annotations

from wsdebug.knowledge.advice.topic import Topic, lines

OPENINGS = {
    "tls-scheme": Topic(
        "Make scheme and port agree: wss:// to the TLS port, ws:// to the plain one;"
        " and check what the proxy in front speaks to the server behind (`proxy_pass"
        " http://` or `https://`).",
    ),
    "pass-upgrade": Topic(
        "Let the proxy pass the upgrade on.",
        {
            "nginx": lines(
                "proxy_http_version 1.1;",
                "proxy_set_header Upgrade $http_upgrade;",
                'proxy_set_header Connection "upgrade";',
                "# all three in the location with proxy_pass",
            ),
            "Apache": "ProxyPass /live ws://127.0.0.1:8080/live   # with mod_proxy_wstunnel",
        },
    ),
    "use-wss": Topic(
        "Use wss://: a proxy that cannot look inside has to pass it.",
    ),
    "listen": Topic(
        "Check that the server's event loop runs and that something handles the upgrade"
        " at this host and path; in Node a server without an 'upgrade' listener may"
        " leave it without an answer.",
    ),
    "fix-request": Topic(
        "Use a WebSocket client library for the request, and look for proxies that rewrite it.",
    ),
    "fix-answer": Topic(
        "Mend the server's (or the proxy's) 101: only what was offered may be accepted.",
    ),
    "subprotocol": Topic(
        "Let the server choose one of the subprotocols that the client offers, or none.",
        {
            "ws": lines(
                "new WebSocketServer({ server, handleProtocols:",
                "  (offered) => offered.has('chat.v1') ? 'chat.v1' : false })",
            ),
            "websockets": 'serve(..., subprotocols=["chat.v1"])',
            "browser": 'new WebSocket(url, ["chat.v1", "chat.v2"])',
        },
    ),
    "fresh-accept": Topic(
        "Compute Sec-WebSocket-Accept from the key of this very request, and keep"
        " caches away from the path (`Cache-Control: no-store`).",
    ),
    "capture-all": Topic(
        "Capture again without loss: `tcpdump -s 0 -B 65536 -w trace.pcap port PORT` on"
        " one of the two hosts, not on a mirror port.",
    ),
    "capture-earlier": Topic(
        "Start the capture before the connection is opened, so that the upgrade is in it.",
    ),
    "key-log": Topic(
        "Record the TLS keys as well, and read with `-k keys.log`: `SSLKEYLOGFILE=keys.log` in the"
        " environment of the client, or `wsdebug explain keylog` for others; or capture behind the"
        " proxy that ends TLS.",
    ),
    "tls-readable": Topic(
        "No keys help here: capture behind the proxy that ends TLS, or let one of the two allow"
        " nothing but TLS 1.2 or 1.3 with AES or ChaCha20 while you record.",
    ),
    "tls-certificate": Topic(
        "Look at what the server sends, `openssl s_client -connect HOST:443 -servername HOST"
        " -showcerts`: the chain must be whole, in date and for that name; give a private CA to the"
        " client.",
        {
            "ws": "new WebSocket(url, { ca: fs.readFileSync('ca.pem') })",
            "websockets": "connect(url, ssl=ssl.create_default_context(cafile='ca.pem'))",
        },
    ),
    "tls-client-certificate": Topic(
        "Give the client a certificate that the server's CA has signed (`cert` and `key` of its TLS"
        " options), or do not ask for one.",
    ),
    "tls-parameters": Topic(
        "Compare what both allow: TLS versions, cipher suites, groups and ALPN; `openssl s_client"
        " -connect HOST:443 -servername HOST` shows what they agree on.",
    ),
    "tls-name": Topic(
        "Ask for the host by the name that its certificate has; a URL with an IP address sends no"
        " name (SNI).",
    ),
    "tls-alert": Topic(
        "Look into the log of the side that sent the alert, at that moment; capture on both sides"
        " of what stands between them.",
    ),
    "other-side": Topic(
        "Capture at the endpoint that reported the error. If the wire is right there"
        " too, its decoder is wrong: try another version of it, and permessage-deflate"
        " off.",
    ),
    "both-legs": Topic(
        "To know which: capture on both sides of the proxy at once (`tcpdump -i any -w"
        " both.pcap`), with the next cut in it.",
    ),
}
