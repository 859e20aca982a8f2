"""WebSockets on an HTTP/2 connection: each stream is a connection of the report (RFC 8441)."""
