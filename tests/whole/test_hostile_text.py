"""Control characters, bidi and terminal escapes come out as symbols, whatever they came in as.

One capture that carries them wherever a peer may put them, under a name that does, too; and every
output there is. `tests/report/test_safety.py` does the same to each field of a report.
"""

from __future__ import annotations

import io
import json
import unicodedata
import zlib
from pathlib import Path

import pytest

from tests.analysis.streams import Capture, accept, request
from tests.export.test_packets import session_of
from tests.protocol.streams import frame
from tests.tui.acting import play
from wsdebug.analysis.loading import Loader
from wsdebug.cli import main
from wsdebug.cli.progress import Progress
from wsdebug.export.packets import comments_of
from wsdebug.tui.options import Options

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
TEXT = "\x1b[31m\x1b]0;t\x07\u202e\u2066\u200b\ufeff\x9b2J\u2028\x7f\x08evil"
EVIL = TEXT.encode()
HEADER = b"\x1b[31m\x07\x9b2J\xe2\x80\xae evil"
NAME = "\x1b[2Jevil\u202e\x07\n.pcap"
KEY = b"\1\2\3\4"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Headers, a path, a message, a compressed one, a ping, bytes that are no frame, a Close."""
    made = Capture()
    made.say("c", request(b"X-Evil: " + HEADER, b"Sec-WebSocket-Protocol: " + HEADER)
             .replace(b"GET /live", b"GET /" + HEADER.replace(b" ", b"")))  # fmt: skip
    answer = (b"Server: " + HEADER, b"Sec-WebSocket-Protocol: evil\x1b[2J",
              b"Sec-WebSocket-Extensions: permessage-deflate; \x1b[31m\x07=1")  # fmt: skip
    made.say("s", accept(*answer))
    made.say("c", frame(1, EVIL, key=KEY))
    made.say("s", frame(1, b'{"type":"' + EVIL.replace(b"\x1b", b"") + b'"}'))
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(EVIL) + packer.flush(zlib.Z_SYNC_FLUSH)
    made.say("s", frame(1, packed[:-4], rsv=4) + frame(9, EVIL) + frame(1, EVIL, rsv=2))
    made.say("c", frame(10, EVIL[:20], key=KEY) + frame(1, b"bad \xff " + EVIL, key=KEY))
    made.say("s", b"HTTP/1.1 500 " + HEADER + b"\r\nServer: " + HEADER + b"\r\n\r\n" + EVIL)
    made.say("c", frame(8, b"\x03\xea" + EVIL, key=KEY))
    made.close("c")
    made.close("s")
    path = tmp_path / NAME
    made.write(tmp_path).rename(path)
    return path


def check(text: str, *, lines: bool = True) -> None:
    """Nothing that steers; line breaks are ours."""
    seen = {each for each in set(text) if unicodedata.category(each) in HIDDEN}
    assert seen <= ({"\n"} if lines else set())


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("options", [
    (), ("-v",), ("--payload", "full", "-v"), ("-c", "1"),
    ("--payload", "full", "--reveal", "hosts,headers,payload"),
])  # fmt: skip
def test_reports_for_people(capture, form, options, capsys):
    assert main(["read", str(capture), "-F", form, "--no-progress", *options]) == 1
    out, err = capsys.readouterr()
    check(out)
    check(err)
    assert "evil" in out or form == "markdown"


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_reports_for_programs_are_ascii_and_whole(capture, form, capsys):
    assert main(["read", str(capture), "-F", form, "--payload", "full", "--no-progress"]) == 1
    out, _ = capsys.readouterr()
    check(out)
    assert out.isascii()
    told = [json.loads(line) for line in out.splitlines()] if form == "jsonl" else json.loads(out)
    assert "evil" in json.dumps(told)


def test_a_report_that_is_written_to_a_file(capture, tmp_path, capsys):
    for name in ("r.txt", "r.md", "r.json", "r.jsonl"):
        assert main(["export", str(capture), "-o", str(tmp_path / name), "--no-progress"]) == 0
        check((tmp_path / name).read_text("utf-8"))
    check(capsys.readouterr().err)


def test_comments_of_exported_packets(capture):
    session = session_of(capture)
    assert session.store is not None
    comments = comments_of(known.report for known in session.store.connections if known.report)
    assert any("evil" in text for texts in comments.values() for text in texts)
    for texts in comments.values():
        for text in texts:
            check(text, lines=False)


@pytest.mark.parametrize("keys", [
    (), ("2", "down", "down", "down"), ("3",), ("4",), ("4", "right_square_bracket"),
    ("4", "v"), ("4", "v", "v"), ("2", "G"), ("y",), ("i",),
])  # fmt: skip
def test_the_screen(capture, keys):
    text = play(Loader([str(capture)]), keys, (160, 45), None, Options((str(capture),)))
    check(text)
    assert "evil" in text or keys in {("y",), ("i",)}  # a menu, a page of ours


ERRORS = [
    ("read", f"/nowhere/{NAME}"),
    ("read", "{capture}", "-Y", f"path == {TEXT}"),
    ("read", "{capture}", "-Y", f'path ~ "{TEXT}('),
    ("read", "{capture}", "-f", TEXT),
    ("read", "{capture}", "--select", TEXT),
    ("read", "{capture}", "--limit", f"{TEXT}=1"),
    ("read", "{capture}", "--reveal", TEXT),
    ("read", "{capture}", "-c", TEXT),
    ("read", "{capture}", "-d", TEXT),
    ("read", "{capture}", f"--{TEXT}"),
    ("read", "{capture}", "-F", TEXT),
    ("read", "{capture}", "-o", f"/nowhere/{NAME}"),
    ("read", "{capture}", "{capture}"),
    ("export", "{capture}", "-o", f"/nowhere/{NAME}.pcapng"),
    ("export", "{capture}", "-o", f"/nowhere/{TEXT}"),
    ("export", "{capture}", "-o", "x.pcapng", "-c", TEXT),
    ("export", "{capture}", "-o", "x.pcapng", "--payload-of", TEXT),
    ("export", "{capture}", "-o", "{capture}", "--format", "pcapng"),
    ("explain", TEXT),
    (TEXT,),
]


@pytest.mark.parametrize("arguments", ERRORS, ids=range(len(ERRORS)))
def test_errors(capture, arguments, capsys):
    given = [str(capture) if each == "{capture}" else each for each in arguments]
    assert main(given) == 2
    out, err = capsys.readouterr()
    check(out)
    check(err)
    assert err.startswith("wsdebug: error: ")


def test_a_file_that_is_no_capture(tmp_path, capsys):
    path = tmp_path / NAME
    for content in (EVIL * 20, b"", b"\x1b", b"GET /" + HEADER + b"\r\n"):
        path.write_bytes(content)
        assert main(["read", str(path)]) == 2
        check(capsys.readouterr().err)


def test_what_export_says(capture, tmp_path, capsys):
    for extra in ((), ("--anonymise",)):
        out = tmp_path / f"{TEXT}{len(extra)}.pcapng"
        assert main(["export", str(capture), "-o", str(out), "--no-progress", *extra]) == 0
        out, err = capsys.readouterr()
        check(out)
        check(err)


def test_the_progress_line_has_nothing_of_the_wire():
    """It is drawn over itself with a carriage return, and says figures only."""
    stream, now = io.StringIO(), [0.0]
    progress = Progress(stream, shown=True, clock=lambda: now[0])
    now[0] = 9.0
    progress.update(0.5, 12_345)
    check(stream.getvalue().replace("\r", ""), lines=False)


@pytest.mark.parametrize("what", ["FR101", "DX101", "1006", "408", "8185", "filter",
                                  "RSV1 must be clear"])  # fmt: skip
def test_pages(what, capsys):
    assert main(["explain", what]) == 0
    check(capsys.readouterr().out)
