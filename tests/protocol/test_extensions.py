"""Sec-WebSocket-Extensions and what the server's answer switches on."""

import time

import pytest

from wsdebug.http import parse_head
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.place import Side
from wsdebug.protocol.extensions import agree, read_extensions


def read(*values):
    lines = [b"Sec-WebSocket-Extensions: " + value.encode() for value in values]
    head = parse_head(b"\r\n".join([b"GET / HTTP/1.1", *lines, b"", b""]), Side.CLIENT)
    extensions, faults = read_extensions(head)
    plain = [
        (its.name, [(p.name, p.value, p.quoted) for p in its.parameters]) for its in extensions
    ]
    return plain, [head.fields.index(field) for field in faults]


@pytest.mark.parametrize(
    ("value", "extensions"),
    [
        ("a", [("a", [])]),
        ("a, b", [("a", []), ("b", [])]),
        ("a,,\t b ,", [("a", []), ("b", [])]),
        ("a;x", [("a", [("x", None, False)])]),
        ("a ; x = 1;y=2", [("a", [("x", "1", False), ("y", "2", False)])]),
        ('a; x="10", b', [("a", [("x", "10", True)]), ("b", [])]),
        (r'a; x="1\0"', [("a", [("x", "10", True)])]),
    ],
)
def test_legal_lists(value, extensions):
    assert read(value) == (extensions, [])


@pytest.mark.parametrize(
    ("value", "extensions"),
    [
        ("", []),
        (" , ,", []),
        ("a b, c", [("c", [])]),
        ("a;, c", [("a", []), ("c", [])]),
        ("a; x=, c", [("a", []), ("c", [])]),
        ("a; x=1 y, c", [("a", []), ("c", [])]),
        ('a; x="1, 2", c', [("a", [("x", "1, 2", True)]), ("c", [])]),
        ('a; x="", c', [("a", [("x", "", True)]), ("c", [])]),
        ('a; x="1, c', [("a", [])]),
        ("=a", []),
        ("a;x;;y", [("a", [("x", None, False)])]),
    ],
)
def test_lists_at_fault_are_read_as_far_as_they_go(value, extensions):
    assert read(value) == (extensions, [0])


def test_only_the_line_at_fault_is_named():
    assert read("a", "b c", "d") == ([("a", []), ("d", [])], [1])


@pytest.mark.parametrize("value", ['"\\' * 30_000, "a;" * 30_000, 'a;x="' * 12_000, ",a" * 30_000])
def test_hostile_lists_take_linear_time(value):
    start = time.process_time()
    read(value)
    assert time.process_time() - start < 2


def extensions_of(value):
    head = parse_head(
        b"GET / HTTP/1.1\r\nSec-WebSocket-Extensions: %b\r\n\r\n" % value.encode(), Side.CLIENT
    )
    return read_extensions(head)[0]


@pytest.mark.parametrize(
    ("offer", "answer", "agreed"),
    [
        ("permessage-deflate", "", Agreed()),
        ("permessage-deflate", "permessage-deflate", Agreed(Deflate())),
        ("", "permessage-deflate", Agreed(Deflate())),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=9; server_no_context_takeover",
            Agreed(Deflate(server_no_context_takeover=True, client_max_window_bits=9)),
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            'permessage-deflate; server_max_window_bits="10"; client_no_context_takeover',
            Agreed(Deflate(client_no_context_takeover=True, server_max_window_bits=10)),
        ),
        # What was offered and not repeated is not what the server does.
        ("permessage-deflate; server_no_context_takeover", "permessage-deflate", Agreed(Deflate())),
        ("permessage-deflate", "permessage-deflate; server_max_window_bits=7", Agreed(Deflate())),
        ("permessage-deflate", "permessage-deflate; server_max_window_bits=08", Agreed(Deflate())),
        ("permessage-deflate", "permessage-deflate; client_max_window_bits; x", Agreed(Deflate())),
        (
            "permessage-deflate",
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=12",
            Agreed(Deflate(server_max_window_bits=9)),
        ),
        ("mux, x-other", "x-other; a=1", Agreed(unknown=("x-other",))),
        ("mux", "x-other", Agreed()),
        ("mux, permessage-deflate", "permessage-deflate, mux, mux", Agreed(Deflate(), ("mux",))),
    ],
)
def test_agreement(offer, answer, agreed):
    assert agree(extensions_of(offer), extensions_of(answer)) == agreed
