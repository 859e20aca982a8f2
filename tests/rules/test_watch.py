"""The watch table says exactly what the rules say of each header."""

import itertools
import time

import pytest

from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.place import Side
from wsdebug.rules import judge, watch_table
from wsdebug.rules.header import frame_from_header
from wsdebug.rules.watch import _table

STATES = [
    Agreed(deflate=deflate, unknown=unknown, known=known)
    for deflate, unknown, known in itertools.product(
        (None, Deflate(server_max_window_bits=9)), ((), ("x-mux",)), (True, False)
    )
]


@pytest.mark.parametrize("agreed", STATES, ids=repr)
@pytest.mark.parametrize("side", Side)
def test_agrees_with_the_rules_on_every_header(side, agreed):
    table = watch_table(side, agreed)
    assert len(table) == 65_536
    for header in range(65_536):
        frame = frame_from_header(side, header, agreed, synchronised=False)
        assert table[header] == bool(judge(frame)), f"{header:04x}"


def test_headers_of_common_frames():
    server, client = (watch_table(side, Agreed()) for side in (Side.SERVER, Side.CLIENT))
    assert (server[0x8105], client[0x8185]) == (0, 0)
    assert (server[0x8185], client[0x8105]) == (1, 1)
    assert server[0xC105] == 1
    assert watch_table(Side.SERVER, Agreed(deflate=Deflate()))[0xC105] == 0
    assert watch_table(Side.SERVER, Agreed(known=False))[0xC105] == 0
    assert server[0x897E] == 1


def test_one_table_serves_all_windows():
    tables = [
        watch_table(Side.CLIENT, Agreed(deflate=Deflate(client_max_window_bits=bits)))
        for bits in range(8, 16)
    ]
    assert all(table is tables[0] for table in tables)


def test_is_made_from_few_headers():
    _table.cache_clear()
    start = time.process_time()
    watch_table(Side.CLIENT, Agreed())
    few = time.process_time() - start
    start = time.process_time()
    for header in range(0, 65_536, 4):
        judge(frame_from_header(Side.CLIENT, header, Agreed(), synchronised=False))
    assert few < time.process_time() - start
