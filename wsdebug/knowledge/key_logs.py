"""How programs write the secrets of their TLS sessions into a key log (RFC 9850)."""

from __future__ import annotations

from typing import NamedTuple


class Recipe(NamedTuple):
    """`text` is what to type, to set or to write; a line, or more where it must be."""

    program: str
    text: str


RECIPES = (
    Recipe("Node", "node --tls-keylog=keys.log app.js (or NODE_OPTIONS=--tls-keylog=keys.log)"),
    Recipe("Chromium", "SSLKEYLOGFILE=$PWD/keys.log chromium, or --ssl-key-log-file=keys.log"),
    Recipe("Firefox", "SSLKEYLOGFILE=$PWD/keys.log firefox (with every window closed before)"),
    Recipe("curl", "SSLKEYLOGFILE=keys.log curl ..."),
    Recipe(
        "Python",
        "SSLKEYLOGFILE=keys.log is heeded by ssl.create_default_context(); any other context:"
        " context.keylog_filename = 'keys.log'",
    ),
    Recipe("Go", "tls.Config{KeyLogWriter: file} (there is no variable for it)"),
    Recipe(
        "Java",
        "java -javaagent:extract-tls-secrets.jar=keys.log ... (a project of its own; the JDK"
        " writes none)",
    ),
    Recipe("Rust", "rustls: config.key_log = Arc::new(KeyLogFile::new()), with SSLKEYLOGFILE"),
    Recipe(
        "haproxy",
        "tune.ssl.keylog on, and in a frontend log-format with the labels and"
        " %[ssl_fc_client_random,hex], %[ssl_fc_client_traffic_secret_0],"
        " %[ssl_fc_server_traffic_secret_0]; 3.4: log-format $HAPROXY_KEYLOG_FC_LOG_FMT",
    ),
    Recipe("Envoy", "common_tls_context: { key_log: { path: keys.log } }"),
    Recipe("nginx", "writes none in its free version: take the client's, or capture behind it"),
    Recipe("openssl", "openssl s_client -keylogfile keys.log -connect ..."),
)
"""By program, the likely ones first."""

USE = "wsdebug read trace.pcapng -k keys.log"
RULES = (
    "Either end may write the log: it holds the secrets of both directions. It must run from before"
    " the connection is opened, and so must the capture: keys are found by the random number in the"
    " ClientHello. Whoever has the log and the capture reads everything, cookies and passwords too:"
    " use a test system, and delete the log."
)
INSIDE = (
    "A pcapng that has the keys in itself needs no option: editcap --inject-secrets tls,keys.log"
    " trace.pcapng with-keys.pcapng"
)
