"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

KEYLOG = (
    "Keys of TLS sessions, in the format of SSLKEYLOGFILE (default: the file that $SSLKEYLOGFILE"
    " names); those inside a pcapng are used by themselves. How to get them: `wsdebug explain"
    " keylog`."
)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option that the environment can set too: `--fail-on` is WSDEBUG_FAIL_ON."""
    long = next(name for name in reversed(names) if name.startswith("--"))
    return click.option(*names, envvar="WSDEBUG_" + long[2:].upper().replace("-", "_"), **settings)


def reading(command: F) -> F:
    """The options of what is read and how it is shown."""
    for each in reversed(_READING):
        command = each(command)
    return command


_READING: tuple[Callable[[Any], Any], ...] = (
    option(
        "-F",
        "--format",
        "form",
        type=click.Choice(["auto", "text", "json", "jsonl", "markdown"]),
        default="auto",
        help="auto is the screen on a terminal, text otherwise or with an option that only text"
        " has; markdown is masked, to be shared; json and jsonl are complete.",
    ),
    option("-o", "--output", metavar="FILE", default="-", help='Write there; "-" is stdout.'),
    option(
        "--fail-on",
        type=click.Choice(["note", "warning", "error", "never"]),
        default="error",
        show_default=True,
        help="Exit 1 if a finding or an ending is as bad as that.",
    ),
    option(
        "-f",
        "--capture-filter",
        metavar="FILTER",
        help="Read only packets that match, in tcpdump's language: 'host 192.0.2.1 and port 80'.",
    ),
    option(
        "-d",
        "--decode-as",
        metavar="PORT=ws[,deflate]",
        multiple=True,
        help="This TCP port speaks WebSocket, though no handshake was captured.",
    ),
    option("-k", "--keylog", metavar="FILE", help=KEYLOG),
    option("--allow-empty", is_flag=True, help="No WebSocket in it is exit 0, not 3."),
    option("-c", "--connections", metavar="N,N-N", help="Only these, in full."),
    option(
        "-Y",
        "--filter",
        metavar="EXPR",
        help="Only connections that match, or with a frame that does: 'op == ping and len > 100'."
        " `wsdebug explain filter` lists the fields.",
    ),
    option("--select", metavar="RULES", multiple=True, help="Only findings of these rules."),
    option(
        "--ignore",
        metavar="RULES",
        multiple=True,
        help="No findings of these rules: names, codes or beginnings of codes (FR104, FR).",
    ),
    option(
        "--payload",
        type=click.Choice(["none", "preview", "full"]),
        default="none",
        show_default=True,
        help="How much of the payload the report shows.",
    ),
    option(
        "--limit",
        "limit",
        metavar="NAME=VALUE",
        multiple=True,
        help="Keep more, or less, of a capture: flows=1M. All limits stand below.",
    ),
    option(
        "--reveal",
        metavar="ITEMS",
        default="",
        help="Markdown: leave these unmasked: hosts, headers, payload (with commas between).",
    ),
    option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="auto heeds FORCE_COLOR, NO_COLOR and TERM, and is off in a pipe.",
    ),
    option("--ascii", is_flag=True, help="No character beyond ASCII."),
    option("--width", type=click.IntRange(40, 10_000), help="Columns of the text report."),
    option("--no-progress", is_flag=True, help="No progress on stderr."),
    option(
        "-v", "--verbose", count=True, help="Every connection in full; -vv: tracebacks of bugs."
    ),
    option("-q", "--quiet", is_flag=True, help="Text: the totals only. No progress."),
)
