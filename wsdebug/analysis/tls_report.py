"""What is known of the TLS around a connection, as the report has it."""

from __future__ import annotations

from wsdebug.analysis.findings import seconds
from wsdebug.model.place import Side
from wsdebug.model.tls import TlsAlert, TlsEnd, TlsEnds, TlsFacts, TlsReport
from wsdebug.transport import Flow


def tls_report(flow: Flow, facts: TlsFacts | None) -> TlsReport | None:
    """None where there is no TLS."""
    if facts is None:
        return None
    return TlsReport(
        version=facts.version,
        sni=facts.sni,
        alpn=facts.alpn,
        cipher=facts.cipher,
        keys=facts.keys,
        proxy_header=facts.proxy_header,
        resumed=facts.resumed,
        early_data=facts.early_data,
        key_updates=facts.key_updates,
        renegotiations=facts.renegotiations,
        alerts=[
            TlsAlert(one.side, one.level, one.name, one.packet, seconds(flow, one.time))
            for one in facts.alerts
        ],
        close_notify=TlsEnds(_end(flow, facts, Side.CLIENT), _end(flow, facts, Side.SERVER)),
        lost={side.value: count for side, count in facts.lost.items()},
    )


def _end(flow: Flow, facts: TlsFacts, side: Side) -> TlsEnd | None:
    alert = facts.close_notify.get(side)
    return None if alert is None else TlsEnd(alert.packet, seconds(flow, alert.time))
