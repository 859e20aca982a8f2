"""The drawing of a frame header."""

import pytest

from wsdebug.display.header import diagram, header_fields


def test_a_16_bit_length():
    assert diagram(bytes.fromhex("81 7e 00 d4"), {"mask": "ok"}) == [
        "81         7E        00 D4",
        "1 000 0001 0 1111110 0000000011010100",
        "│ │   │    │ │       └ length 212 (16-bit form)",
        "│ │   │    │ └ 126: the length follows in 2 bytes",
        "│ │   │    └ MASK 0  not masked  ok",
        "│ │   └ opcode 1  text",
        "│ └ RSV 000",
        "└ FIN 1  last fragment",
    ]


def test_a_masked_64_bit_length_in_ascii():
    raw = bytes.fromhex("02 ff 0000000000010000 37fa213d 00")
    assert diagram(raw, ascii_only=True) == [
        "02         FF        00 00 00 00 00 01 00 00 37 FA 21 3D",
        "0 000 0010 1 1111111 00 00 00 00 00 01 00 00 37 fa 21 3d",
        "| |   |    | |       |                       ` masking key 37 fa 21 3d",
        "| |   |    | |       ` length 65536 (64-bit form)",
        "| |   |    | ` 127: the length follows in 8 bytes",
        "| |   |    ` MASK 1  a masking key follows the length",
        "| |   ` opcode 2  binary",
        "| ` RSV 000",
        "` FIN 0  more fragments follow",
    ]


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        ("", []),
        ("ff", ["fin", "rsv", "opcode"]),
        ("8185", ["fin", "rsv", "opcode", "mask", "length"]),
        ("817e00", ["fin", "rsv", "opcode", "mask", "length"]),
        ("81fe007e01", ["fin", "rsv", "opcode", "mask", "length", "extended"]),
    ],
)
def test_only_what_is_there_is_read(raw, keys):
    assert [field.key for field in header_fields(bytes.fromhex(raw))] == keys


def test_names_the_reserved_bits_and_an_undefined_opcode():
    says = [field.says for field in header_fields(b"\xd3")]
    assert says == ["FIN 1  last fragment", "RSV 101  RSV1 and RSV3 set", "opcode 3  not defined"]


def test_no_bytes_no_drawing():
    assert diagram(b"") == []


def test_every_header_can_be_drawn():
    for header in range(65_536):
        lines = diagram(header.to_bytes(2, "big"))
        assert len(lines) == 7
        assert lines[0].startswith(f"{header >> 8:02X}")
