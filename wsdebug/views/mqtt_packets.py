"""The packets of MQTT v3.1.1 (section 3) and v5 (section 3), each as named fields.

Only CONNECT says which version is spoken. For the others the shape of 3.1.1 is tried and then
that of 5; of PUBLISH the other way round, since properties are hard to imitate and a payload may
be anything.
"""

from __future__ import annotations

from collections.abc import Callable

from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.views.mqtt_wire import MalformedError, Reader

Fields = list[tuple[str, str]]

NAMES = (
    "", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE",
    "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
)  # fmt: skip
_RETURN = ("accepted", "unacceptable protocol version", "identifier rejected",
           "server unavailable", "bad user name or password", "not authorized")  # fmt: skip
_SHOWN = 200


def fields_of(kind: int, flags: int, body: bytes) -> Fields:
    """The fields of one packet; raises `MalformedError` for a body that is none of its kind."""
    if kind == 1:
        return _whole(_connect, body)
    if kind == 3:
        return _publish(flags, body)
    if kind in (12, 13):
        return _whole(lambda _: [], body)
    shapes = _SHAPES.get(kind)
    if shapes is None:
        raise MalformedError
    try:
        return _whole(shapes[0], body)
    except MalformedError:
        return _whole(shapes[1], body)


def _whole(shape: Callable[[Reader], Fields], body: bytes) -> Fields:
    reader = Reader(body)
    fields = shape(reader)
    if reader.left:
        raise MalformedError
    return fields


def _connect(reader: Reader) -> Fields:
    protocol, version, flags = reader.text(), reader.number(1), reader.number(1)
    if protocol not in ("MQTT", "MQIsdp"):
        raise MalformedError
    keep_alive = reader.number(2)
    properties = reader.properties() if version >= 5 else []
    fields = [
        ("clientId", reader.text()),
        ("version", {3: "3.1", 4: "3.1.1"}.get(version, str(version))),
    ]
    fields += [("keepAlive", f"{keep_alive} s"), ("clean", str(flags >> 1 & 1))]
    if flags & 4:
        properties += reader.properties() if version >= 5 else []
        fields += [("will", f"{reader.text()} {_payload(reader.block())}")]
    fields += [("user", reader.text())] if flags & 0x80 else []
    fields += [("password", counted(len(reader.block()), "byte"))] if flags & 0x40 else []
    return fields + properties


def _publish(flags: int, body: bytes) -> Fields:
    try:
        return _published(flags, body, five=True)
    except MalformedError:
        return _published(flags, body, five=False)


def _published(flags: int, body: bytes, *, five: bool) -> Fields:
    reader, qos = Reader(body), flags >> 1 & 3
    if qos == 3:
        raise MalformedError
    fields = [("topic", reader.text())]
    fields += [("id", str(reader.number(2)))] if qos else []
    fields += [("qos", str(qos))] if qos else []
    fields += [("retain", "1")] if flags & 1 else []
    fields += [("dup", "1")] if flags & 8 else []
    properties = reader.properties() if five else []
    return [*fields, *properties, ("payload", _payload(reader.take(reader.left)))]


def _payload(data: bytes) -> str:
    return printable(data, _SHOWN)


# ---- shapes of both versions ----------------------------------------------------------------
def _connack3(reader: Reader) -> Fields:
    return [*_session(reader), ("code", _named(reader.number(1), _RETURN))]


def _connack5(reader: Reader) -> Fields:
    return [*_session(reader), ("reason", _reason(reader)), *reader.properties()]


def _session(reader: Reader) -> Fields:
    return [("session", "present")] if reader.number(1) & 1 else []


def _id(reader: Reader) -> Fields:
    return [("id", str(reader.number(2)))]


def _id_reason(reader: Reader) -> Fields:
    fields = [*_id(reader), ("reason", _reason(reader))]
    return fields + (reader.properties() if reader.left else [])


def _subscribe3(reader: Reader) -> Fields:
    return [*_id(reader), *_topics(reader, options=True, highest=2)]


def _subscribe5(reader: Reader) -> Fields:
    return [*_id(reader), *reader.properties(), *_topics(reader, options=True, highest=0x3F)]


def _unsubscribe3(reader: Reader) -> Fields:
    return [*_id(reader), *_topics(reader, options=False)]


def _unsubscribe5(reader: Reader) -> Fields:
    return [*_id(reader), *reader.properties(), *_topics(reader, options=False)]


def _topics(reader: Reader, *, options: bool, highest: int = 0) -> Fields:
    fields: Fields = []
    while reader.left or not fields:
        topic = reader.text()
        chosen = reader.number(1) if options else 0
        if not topic or chosen > highest:
            raise MalformedError
        fields.append(("topic", f"{topic} (qos {chosen & 3})" if options else topic))
    return fields


def _suback3(reader: Reader) -> Fields:
    fields = _id(reader)
    codes = reader.take(reader.left)
    if not codes or any(code not in (0, 1, 2, 0x80) for code in codes):
        raise MalformedError
    return [
        *fields,
        ("granted", " ".join("refused" if code & 0x80 else f"qos {code}" for code in codes)),
    ]


def _suback5(reader: Reader) -> Fields:
    fields = [*_id(reader), *reader.properties()]
    codes = reader.take(reader.left)
    if not codes:
        raise MalformedError
    return [*fields, ("reason", " ".join(f"0x{code:02x}" for code in codes))]


def _empty(_: Reader) -> Fields:
    return []


def _reason_only(reader: Reader) -> Fields:
    fields = [("reason", _reason(reader))]
    return fields + (reader.properties() if reader.left else [])


def _reason(reader: Reader) -> str:
    """MQTT 5, 2.4: 0x80 and above say that it failed."""
    code = reader.number(1)
    return f"0x{code:02x}" + (" failed" if code & 0x80 else "")


def _named(code: int, names: tuple[str, ...]) -> str:
    return f"{code} {names[code]}" if code < len(names) else str(code)


_SHAPES = {
    2: (_connack3, _connack5),
    4: (_id, _id_reason),
    5: (_id, _id_reason),
    6: (_id, _id_reason),
    7: (_id, _id_reason),
    8: (_subscribe3, _subscribe5),
    9: (_suback3, _suback5),
    10: (_unsubscribe3, _unsubscribe5),
    11: (_id, _suback5),
    14: (_empty, _reason_only),
    15: (_empty, _reason_only),
}
