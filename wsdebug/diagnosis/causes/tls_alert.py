"""DX218: TLS itself was refused or broke."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.knowledge.advice import advice
from wsdebug.knowledge.tls_alerts import of_alert
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX218", title="A TLS alert ended the connection", fix=("tls-alert",))
def tls_alert(scene: Scene) -> Claim | None:
    """One side ended TLS with a fatal alert (RFC 8446 6.2), before the other one ended anything: it
    did not accept the certificate, no version or cipher suite was common to both, or a record could
    not be decrypted. Alerts before the keys are agreed on are readable without a key log, those
    behind them only with one. `close_notify` is no failure: it is how TLS ends in order.
    """
    ender, end = scene.ender, scene.end
    if ender is None or end is None:
        return None
    one = scene.life.side(ender)
    if one.tls_end != end or one.tls_said in (None, "close_notify"):
        return None
    assert one.tls_said is not None
    known = of_alert(one.tls_said)
    because = [
        seen(end, ender, f"The {ender} sent the fatal alert {one.tls_said}: {known.meaning}.")
    ]
    return Claim(
        Certainty.CERTAIN,
        [*because, *_hello(scene)],
        advice=[advice(topic, scene.betrayed.names) for topic in known.topics],
        title=f"The {ender} ended TLS: {known.meaning} ({one.tls_said})",
    )


def _hello(scene: Scene) -> list[Evidence]:
    """What the two had said of themselves."""
    tls = scene.connection.tls
    if tls is None or tls.version is None:
        text = "The server had not answered the ClientHello with a ServerHello."
        return [Evidence(text, Side.SERVER)] if tls is not None else []
    asked = f", the client asked for {tls.sni}" if tls.sni else ", the client named no host (SNI)"
    return [Evidence(f"They had agreed on {tls.version}, {tls.cipher}{asked}.")]
