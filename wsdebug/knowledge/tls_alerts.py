"""What fatal TLS alerts mean to people, and which advice fits (RFC 8446 6.2)."""

from __future__ import annotations

from typing import NamedTuple


class AlertMeaning(NamedTuple):
    """`meaning` completes "The client ended TLS: ..."; `topics` of `knowledge.advice`."""

    meaning: str
    topics: tuple[str, ...]


_CERTIFICATE = ("tls-certificate",)
_PARAMETERS = ("tls-parameters",)
_BROKEN = ("tls-alert",)

_ALERTS = {
    "unknown_ca": AlertMeaning("it does not know who signed the certificate", _CERTIFICATE),
    "bad_certificate": AlertMeaning("the certificate is not sound", _CERTIFICATE),
    "unsupported_certificate": AlertMeaning(
        "it cannot use a certificate of that kind", _CERTIFICATE
    ),
    "certificate_revoked": AlertMeaning("the certificate was revoked", _CERTIFICATE),
    "certificate_expired": AlertMeaning("the certificate is out of date", _CERTIFICATE),
    "certificate_unknown": AlertMeaning("it did not accept the certificate", _CERTIFICATE),
    "certificate_required": AlertMeaning(
        "it wants a certificate of the client", ("tls-client-certificate",)
    ),
    "access_denied": AlertMeaning(
        "the certificate is good, and it is not let in", ("tls-client-certificate",)
    ),
    "handshake_failure": AlertMeaning("nothing they offered was common to both", _PARAMETERS),
    "protocol_version": AlertMeaning("no TLS version is common to both", _PARAMETERS),
    "insufficient_security": AlertMeaning("what was offered is too weak for it", _PARAMETERS),
    "no_application_protocol": AlertMeaning("no ALPN protocol is common to both", _PARAMETERS),
    "inappropriate_fallback": AlertMeaning("the client tried again with less", _PARAMETERS),
    "unrecognized_name": AlertMeaning("it serves no host of that name (SNI)", ("tls-name",)),
    "bad_record_mac": AlertMeaning("a record was changed on the way, or wrongly made", _BROKEN),
    "decrypt_error": AlertMeaning("a signature or a Finished message is wrong", _BROKEN),
    "decode_error": AlertMeaning("a message or the end of the stream is malformed", _BROKEN),
    "internal_error": AlertMeaning("it failed by itself", _BROKEN),
}


def of_alert(name: str) -> AlertMeaning:
    """What an alert means; of a rare one no more than that it ended TLS."""
    return _ALERTS.get(name, AlertMeaning("it could not go on", _BROKEN))
