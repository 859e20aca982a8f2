"""Runs the cases of `cases/<rule>.toml`: what breaks a rule and what only looks like it.

A case is wire bytes after an accepted handshake (RFC 6455 1.3, unless `request`,
`response`, `offer` or `answer` change it) read by the real decoder, or one `fact` with the fields
`is` that differ from a plain one, or an extended CONNECT over HTTP/2 (`http2`: fields that are
added to it, that it lacks, the same of its answer, and whether the server's SETTINGS allow it).
`finds` lists what the rule under test must find, each with the fields that matter; `also` names the
other rules that the same bytes break, and no more may.

Bytes are written in hex, `61*126` repeats one, text stands in quotes.
"""

import codecs
import pathlib
import re
import tomllib

import msgspec
import pytest

from wsdebug.analysis.http2.heads import head_of
from wsdebug.http.http2.events import HeadRead
from wsdebug.model import facts
from wsdebug.model.place import Side
from wsdebug.protocol import Decoder
from wsdebug.protocol.handshake import make_handshake
from wsdebug.protocol.keys import Keys, accept_value
from wsdebug.rules import RULES, judge, watch_table

FOLDER = pathlib.Path(__file__).parent / "cases"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
REQUEST = (
    "GET /chat HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
)
RESPONSE = (
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
)
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([0-9a-f]{2})(?:\*(\d+))?|\s+', re.IGNORECASE)


def load(path):
    with path.open("rb") as file:
        return tomllib.load(file)["case"]


CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.toml"))
    for case in load(path)
]


# ---- facts out of wire bytes ------------------------------------------------------------------
def octets(text):
    raw, at = b"", 0
    while at < len(text):
        word = WORD.match(text, at)
        assert word, text[at:]
        quoted, pair, times = word.groups()
        if quoted is not None:
            raw += codecs.decode(quoted, "unicode_escape").encode("latin-1")
        elif pair:
            raw += bytes.fromhex(pair) * int(times or 1)
        at = word.end()
    return raw


def head(lines, change, extensions):
    """The head with the changes of a case: start, without, with, accept_for, line_end, cut."""
    start, *fields = lines
    without = [name.lower() for name in change.get("without", ())]
    if "accept_for" in change:
        without.append("sec-websocket-accept")
    fields = [line for line in fields if line.partition(":")[0].lower() not in without]
    if "accept_for" in change:
        fields.append(f"Sec-WebSocket-Accept: {accept_value(change['accept_for'])}")
    if extensions is not None:
        fields.append(f"Sec-WebSocket-Extensions: {extensions}")
    fields += change.get("with", ())
    end = change.get("line_end", "\r\n")
    text = end.join([change.get("start", start), *fields, "", ""])
    return (text[: -len(end) - 5] if change.get("cut") else text).encode("latin-1")


def facts_on_wire(case, watch):
    request, response = case.get("request", {}), case.get("response", {})
    keys = Keys()
    for key in case.get("keys", ()):
        keys.note(key)
    decoder = Decoder(watch, keys=keys)
    steps = []
    if not request.get("unseen"):
        steps.append((Side.CLIENT, head(REQUEST, request, case.get("offer"))))
    steps.append((Side.SERVER, head(RESPONSE, response, case.get("answer"))))
    steps += [(side, octets(case[side])) for side in Side if side in case]
    found = []
    for side, data in steps:
        found += decoder.feed(side, data)
    for who, *what in case.get("steps", ()):
        side, _, how = who.partition("-")
        if how:
            found += decoder.end(Side(side), how)
        else:
            found += decoder.feed(Side(side), octets(what[0]))
    return [*found, *decoder.finish()]


# ---- over HTTP/2 ------------------------------------------------------------------------------
CONNECT = {
    ":method": "CONNECT", ":protocol": "websocket", ":scheme": "https", ":path": "/chat",
    ":authority": "server.example.com", "sec-websocket-version": "13",
}  # fmt: skip


def connect(case):
    change = case["http2"]
    asked = {**CONNECT, **change.get("request", {})}
    for name in change.get("without", ()):
        del asked[name]
    answer = {":status": "200", **change.get("response", {})}
    heads = [
        head_of(HeadRead(1, side, tuple(fields.items()), 0, 60, (4, 0, None), None))
        for side, fields in ((Side.CLIENT, asked), (Side.SERVER, answer))
    ]
    return [make_handshake(*heads, enabled=merged(None, change.get("enabled", True)))]


# ---- facts as such ----------------------------------------------------------------------------
SPAN = {"side": "server", "part": "stream", "offset": 0, "length": 2}
FRAME = {
    "side": "server", "number": 0, "offset": 0, "header": 0x8100, "header_length": 2, "length": 0,
    "key": None, "agreed": {},
}  # fmt: skip
CLOSE = {
    "span": SPAN, "frame": 0, "body": "code", "code": 1000, "reason": b"", "reason_fault": None,
    "index": 0,
}  # fmt: skip
PLAIN = {
    "Frame": FRAME,
    "EarlyFrames": {"span": SPAN, "acknowledged": 0, "needed": 0},
    "MaskKeys": {"first": {**SPAN, "side": "client"}, "frame": 0, "key": 0, "count": 1},
    "Foreign": {"span": SPAN, "kind": "unknown", "preview": b"", "header": 0, "agreed": {}},
    "DeflateFault": {
        "span": SPAN, "frame": 0, "reason": "zlib-error", "text": "", "window_bits": 15,
    },
    "Bomb": {"span": SPAN, "frame": 0, "compressed": 1, "inflated": 1},
    "Closing": {
        "first": CLOSE, "answer": None, "answered_after_arrival": True, "acknowledged": True,
        "peer_lived": None, "peer_sent_more": False, "closer_hung_up": False,
        "gap_follows": False, "first_fin": None, "left_open": [],
    },
    "PingOutcome": {"span": SPAN, "frame": 0, "acknowledged": True, "writable": None},
    "PongDiffers": {
        "span": {**SPAN, "side": "client"}, "frame": 0, "payload": b"", "waited": b"",
    },
    "Gap": {"span": SPAN, "known_length": True, "reason": "acknowledged"},
    "Overlap": {"span": SPAN, "kept": b"", "other": b""},
}  # fmt: skip


def merged(plain, given):
    """`given` over `plain`; the text "none" stands for None, which TOML lacks."""
    if isinstance(plain, dict) and isinstance(given, dict):
        return {**plain, **{key: merged(plain.get(key), value) for key, value in given.items()}}
    if given == "none":
        return None
    return given.encode() if isinstance(plain, bytes) else given


def plain_fact(kind, given):
    if "answer" in given:
        peer = {**CLOSE, "span": {**SPAN, "side": "client"}}
        given = {**given, "answer": merged(peer, given["answer"])}
    made = merged(PLAIN[kind], given)
    for name in {"peer_lived", "writable"} & given.keys():
        made[name] = round(given[name] * 1_000_000_000)
    if isinstance(made.get("length"), str):  # beyond what TOML can hold
        made["length"] = int(made["length"], 16)
    return msgspec.convert(made, getattr(facts, kind))


# ---- what is found ----------------------------------------------------------------------------
def shown(breach):
    """A breach with the words of the cases."""
    span = breach.span
    return {
        "side": span.side.value,
        "part": span.part.value,
        "at": span.offset,
        "length": span.length,
        "frame": "none" if breach.frame is None else breach.frame,
        "saw": breach.saw,
        "wanted": breach.wanted,
        "severity": breach.severity.value,
        "fatal": breach.fatal,
        "detail": breach.detail,
    }


def differences(wanted, seen):
    """The fields of `wanted` that `seen` has not, as text."""
    for key, value in wanted.items():
        other = "none" if seen.get(key) is None else seen[key]
        if isinstance(value, dict):
            yield from differences(value, other)
        elif value != other:
            yield f"{key}: wanted {value!r}, got {other!r}"


@pytest.mark.parametrize("watch", [None, watch_table], ids=["every frame", "watched frames"])
@pytest.mark.parametrize(("name", "case"), CASES)
def test_case(name, case, watch):
    if "http2" in case:
        found = connect(case)
    else:
        is_fact = "fact" in case
        found = [plain_fact(case["fact"], case["is"])] if is_fact else facts_on_wire(case, watch)
    breaches = [breach for fact in found for breach in judge(fact)]
    mine = [shown(breach) for breach in breaches if breach.name == name]
    assert len(mine) == len(case["finds"]), mine
    for wanted, seen in zip(case["finds"], mine, strict=True):
        assert list(differences(wanted, seen)) == []
    others = {breach.name for breach in breaches} - {name}
    assert others == set(case.get("also", ()))
    # Nothing from the wire may steer a terminal.
    assert all(breach.saw.isprintable() and breach.wanted.isprintable() for breach in breaches)


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_has_cases_that_break_it_and_near_misses(name):
    finds = [case["finds"] for case in load(FOLDER / f"{name}.toml")]
    assert any(finds)
    assert not all(finds)


def test_every_file_of_cases_is_a_rules():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(RULES)
