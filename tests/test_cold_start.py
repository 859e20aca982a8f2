"""What stays cheap: a fresh interpreter loads the heavy libraries only where they are used."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stored import CAPTURES

HEAVY = {"scapy", "textual", "rich", "click", "hypothesis", "pytest", "cryptography"}
LOADED = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"


def loaded_after(code: str) -> set[str]:
    """The top-level modules that `code` leaves loaded in a fresh interpreter."""
    command = [sys.executable, "-c", f"{code}\n{LOADED}"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return set(json.loads(ran.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import wsdebug",
        "import wsdebug.report",
        "import wsdebug.analysis",
        "import wsdebug; wsdebug.read; wsdebug.frames; wsdebug.Analysis; wsdebug.UserError",
        "import wsdebug.protocol; wsdebug.protocol.Decoder()",
        "import wsdebug.explain",
        "import wsdebug.tui",
        "import wsdebug.analysis.loading",
    ],
)
def test_the_library_loads_no_screen_no_commands_no_scapy(code: str) -> None:
    modules = loaded_after(code)
    assert "wsdebug" in modules
    assert not modules & HEAVY


def test_importing_the_package_loads_nothing_of_its_own() -> None:
    code = "import wsdebug, sys; assert not [m for m in sys.modules if m.startswith('wsdebug.')]"
    assert "msgspec" not in loaded_after(code)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["explain", "FR104"], ["explain", "RSV1 must be clear"], ["--version"]],
)
def test_commands_that_read_no_capture_load_no_scapy(arguments: list[str]) -> None:
    code = (
        "import contextlib, io, sys\n"
        "from wsdebug.cli import main\n"
        f"sys.argv = ['wsdebug', *{arguments!r}]\n"
        "out = io.StringIO()\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(out):\n"
        "    main()\n"
        "assert out.getvalue().strip()"
    )
    assert not loaded_after(code) & {"scapy", "textual"}


def test_a_text_report_loads_no_screen() -> None:
    capture = CAPTURES / "double-upgrade.pcap"
    code = (
        "import contextlib, io\n"
        "from wsdebug.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        f"    assert main(['read', {str(capture)!r}]) == 1\n"
        "assert 'DX101' in out.getvalue()"
    )
    assert not loaded_after(code) & {"scapy", "textual", "rich"}


def test_the_decoder_needs_no_import_of_its_own() -> None:
    code = (
        "import wsdebug; wsdebug.protocol.Decoder(); assert {'read', 'frames'} < set(dir(wsdebug))"
    )
    assert "wsdebug" in loaded_after(code)


def test_a_page_of_a_rule_reads_no_library() -> None:
    code = (
        "from wsdebug.explain import explain; from wsdebug.knowledge.libraries import library\n"
        "explain('FR104'); explain('426'); assert not library.cache_info().currsize\n"
        "explain('no close frame received or sent'); assert library.cache_info().currsize"
    )
    assert "wsdebug" in loaded_after(code)


@pytest.mark.parametrize(
    ("keylog", "loads"), [("tls-node.keys", True), ("tls-padded.keys", False), (None, False)]
)
def test_only_tls_with_its_keys_loads_cryptography(keylog: str | None, loads: bool) -> None:
    folder = CAPTURES / "tls"
    log = str(folder / keylog) if keylog is not None else None
    code = f"import wsdebug; wsdebug.read({str(folder / 'tls-node.pcap')!r}, keylog={log!r})"
    assert ("cryptography" in loaded_after(code)) is loads


@pytest.mark.parametrize(
    ("linktype", "loads"), [(1, False), (239, False), (147, False), (127, True)]
)
def test_only_the_rare_link_types_load_scapy(linktype: int, loads: bool, tmp_path: Path) -> None:
    path = tmp_path / "one.pcap"
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, linktype)
    path.write_bytes(head + struct.pack("<IIII", 1, 0, 60, 60) + bytes(60))
    modules = loaded_after(f"import wsdebug; wsdebug.read({str(path)!r})")
    assert ("scapy" in modules) is loads
