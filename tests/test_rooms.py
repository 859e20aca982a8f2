"""House rules that import-linter does not know: sizes, names, nothing of the maker's machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.stored import ROOT

FILE_LINES, FUNCTION_LINES, HOT_LOOP_LINES = 300, 60, 112
HOT_LOOPS = {
    ("capture/pcap.py", "_records"),
    ("capture/pcapng.py", "_read"),
    ("transport/demultiplexer.py", "consume"),
}
"""Run once for each packet; a call there costs more than the packet, and a comment says so."""
SHELVES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "misc"}
BINARY = {".pcap", ".pcapng", ".gz", ".zst", ".bz2", ".xz", ".png"}
MACHINE = re.compile(
    r"(?<![\w.$}])/(?:tmp|root|work|home/\w+|Users/\w+)(?:/|\b)"  # a path on somebody's machine
    r"|\b(?:registry\.npmjs|registry\.yarnpkg|files\.pythonhosted|pypi\.python)\."
    r"|\b(?:index-url|registry)\s*=\s*\S+"
)


def tracked() -> Iterator[Path]:
    """Every file of the repository, those not committed yet as well."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in ran.stdout.splitlines():
        if (ROOT / name).is_file():
            yield ROOT / name


def sources() -> list[Path]:
    return sorted((ROOT / "wsdebug").rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and lines of each function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_file_is_longer_than_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_60_lines_but_the_hot_loops() -> None:
    room = ROOT / "wsdebug"
    all_functions = {
        (str(path.relative_to(room)), name): lines
        for path in sources()
        for name, lines in functions(path)
    }
    assert max(all_functions[place] for place in HOT_LOOPS) <= HOT_LOOP_LINES
    long = {place for place, lines in all_functions.items() if lines > FUNCTION_LINES}
    assert long <= HOT_LOOPS


def test_no_module_is_a_shelf_for_what_has_no_place() -> None:
    shelves = [path for path in sources() if {path.stem, path.parent.name} & SHELVES]
    assert shelves == []


def test_no_path_of_a_machine_and_no_registry_in_the_repository() -> None:
    found = []
    for path in tracked():
        is_found = "found" in path.relative_to(ROOT).parts  # what the fuzzer kept: any bytes
        if path.suffix in BINARY or is_found or path.name.startswith("LICENSE"):
            continue
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        ):
            if MACHINE.search(line) and path != Path(__file__):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []


def test_the_pattern_finds_what_it_is_for() -> None:
    for line in ("open('/tmp/x.pcap')", "/root/.cache", "cd /work/main", "registry=https://x"):
        assert MACHINE.search(line), line
    for line in ("docs/work/notes", "$scratch/tmp/x", "wss://x.test/tmp/live", "homework"):
        assert not MACHINE.search(line), line


def test_no_lock_file_names_a_registry() -> None:
    locks = {"package-lock.json", "yarn.lock", "uv.lock", "poetry.lock", "Pipfile.lock"}
    assert [path.name for path in tracked() if path.name in locks] == []
