"""What comes from the wire can neither steer the terminal nor pass for markup."""

from __future__ import annotations

import msgspec

from tests.report.samples import make_connection
from tests.tui.acting import play
from tests.tui.synthetic import Synthetic
from wsdebug.display.escape import printable
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Cause, Certainty, Evidence, Finding, Severity
from wsdebug.tui.line import line
from wsdebug.tui.options import Options
from wsdebug.tui.paint import Paint

EVIL = "[bold red]x[/] [link=http://evil][@click=app.quit]go[/] \x1b[31m\x1b]0;t\x07\u202ertl\x9b2J"


def evil_report():
    finding = Finding(
        "foreign-bytes", "FR110", Severity.ERROR, Side.SERVER, 0, Part.STREAM, 0, 4, 5, 1.0,
        EVIL, EVIL, EVIL, fatal=True, detail={"kind": EVIL, "preview": EVIL, "payload": EVIL},
    )  # fmt: skip
    evidence = [Evidence(EVIL, Side.SERVER, 0, 5)]
    cause = Cause(
        "x", "DX101", Certainty.LIKELY, EVIL, evidence, evidence, [EVIL], [f"{EVIL}\n{EVIL}"]
    )
    base = make_connection(1)
    shake = msgspec.structs.replace(base.handshake, host=EVIL, path=EVIL, subprotocol=EVIL)
    end = msgspec.structs.replace(base.end, why=EVIL)
    return make_connection(1, findings=[finding], causes=[cause], handshake=shake, end=end)


def check(text: str) -> None:
    for character in text:
        assert character == "\n" or character.isprintable(), repr(character)


def evil_screen(*keys: str) -> str:
    source = Synthetic(1, payload=EVIL.encode())
    source.finish(evil_report())
    source.connections[0].path = EVIL
    source.analysis.captures[0].file = f"{EVIL}.pcap"
    return play(source, keys, (200, 50), None, Options((f"{EVIL}.pcap",)))


def test_every_panel_shows_it_as_text():
    text = evil_screen("2", "down")
    check(text)
    assert "[bold red]x[/]" in text
    assert r"\x1b[31m" in text


def test_every_tab_and_page_shows_it_as_text():
    for keys in (
        ("4", "]"), ("4", "]", "]"), ("4", "v", "v"), ("3", "]"), ("3", "i"), ("y",), ("x",),
        ("y", "p"), ("y", "e"), ("4", "/", *"[bold]", "enter"), ("/", *"[b]x"),
    ):  # fmt: skip
        check(evil_screen(*(_named(key) for key in keys)))


def _named(key: str) -> str:
    return {"]": "]", "?": "question_mark", "/": "slash", "[": "["}.get(key, key)


def test_paint_makes_safe_what_nobody_made_safe():
    strip = Paint().strip(line(EVIL), 300)
    check(strip.text)
    assert strip.text.startswith(printable(EVIL))


def test_paint_in_ascii_is_ascii():
    strip = Paint(ascii_only=True).strip(line("✗ ▸ ◂ … ▁█ 漢字 é"), 80)
    assert strip.text.isascii()
    assert strip.cell_length == 80
