"""The commands and their options. What a command needs is imported when it runs, so that
`--help` stays fast.
"""

from __future__ import annotations

import os
import re
from typing import Any

import click

import wsdebug as package
from wsdebug.cli.limits import WithLimits
from wsdebug.cli.options import KEYLOG, option, reading
from wsdebug.cli.terminal import is_terminal, show, standard_output, takes_unicode, width_of
from wsdebug.cli.verbs import Verbs
from wsdebug.model.errors import UserError

_EPILOG = (
    "Exit status: 0 nothing at or above --fail-on, 1 something is, 2 it could not be done,"
    " 3 no WebSocket in it, 130 interrupted."
)
_NAME = re.compile(r"[A-Za-z]{2}\d{3}|\d{3,4}|[a-z]+(?:-[a-z0-9]+)+")
"""What is asked for by itself: several of these are several pages, other words are one text."""


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
@click.version_option(package.__version__, prog_name="wsdebug", message="%(prog)s %(version)s")
def wsdebug() -> None:
    """Reads a capture and says why a WebSocket broke: what, which bytes, what to change.

    \b
      sudo tcpdump -i any -w trace.pcap port 8080
          let it break, wait a second, ctrl-c
      wsdebug read trace.pcap

    `wsdebug trace.pcapng` is short for `wsdebug read trace.pcapng`. Each option of read can be
    set in the environment: WSDEBUG_FORMAT, WSDEBUG_FAIL_ON and so on.
    """  # noqa: D301 - click reads the backspace: these lines stay as they are


@wsdebug.command(
    cls=WithLimits, epilog=_EPILOG, short_help="Say why the WebSockets of a capture ended."
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@reading
@option(
    "--follow",
    is_flag=True,
    help="The file still grows: tell what happens as it comes, until ctrl-c. As `wsdebug live`.",
)
def read(no_progress: bool, follow: bool, **options: Any) -> int:
    """Analyse captures: pcap or pcapng, plain or compressed, "-" for standard input.

    Several files are read as one capture.
    """
    if follow:
        return _watch(no_progress=no_progress, **options)
    from wsdebug.cli import screen  # noqa: PLC0415 - --help does without
    from wsdebug.cli.read import Reading, Request  # noqa: PLC0415 - the analysis is not small

    request = Request(progress=not no_progress, **options)
    if screen.is_wanted(request, os.environ):
        return screen.show(request)
    return Reading(request).run()


def _watch(*, no_progress: bool, **options: Any) -> int:
    """Watch a capture that grows, on the screen or line by line."""
    from wsdebug.cli import screen  # noqa: PLC0415 - --help does without
    from wsdebug.cli.live import Live  # noqa: PLC0415 - the analysis is not small
    from wsdebug.cli.wish import LiveRequest  # noqa: PLC0415

    request = LiveRequest(progress=not no_progress, **options)
    if screen.is_wanted(request, os.environ):
        from wsdebug.cli import live_screen  # noqa: PLC0415 - Textual takes 200 ms

        return live_screen.show(request)
    return Live(request).run()


@wsdebug.command(
    cls=WithLimits, epilog=_EPILOG, short_help="The same while they run: an interface, a pipe."
)
@click.argument("files", metavar="[FILE|-]", nargs=-1)
@option(
    "-i",
    "--interface",
    metavar="NAME",
    multiple=True,
    help="Capture there: eth0, lo, any; several times for several. Needs root's rights.",
)
@option("-w", "--write", metavar="FILE", help="Where the capture goes; else to the user's cache.")
@option("--force", is_flag=True, help="Write over a file that exists.")
@option("--ring", metavar="NxSIZE", help="At most so many files, the oldest go: 10x100MB.")
@option("--duration", metavar="TIME", help="End after that: 30s, 5m, 2h.")
@option("--max-packets", type=click.IntRange(1), metavar="N", help="End after so many.")
@option(
    "--keep",
    type=click.IntRange(1),
    metavar="N",
    default=10_000,
    show_default=True,
    help="So many ended connections are kept for the report at the end (the worst) and for the"
    " screen (the newest).",
)
@option(
    "--on-finding",
    metavar="CMD",
    help="Run this for each rule that a connection breaks and each end as bad as --fail-on: once"
    " each, one at a time, with WSDEBUG_EVENT, _CONNECTION, _CODE, _NAME, _SEVERITY, _SIDE,"
    " _PACKET, _TEXT and _CAPTURE_FILE in its environment. No shell is asked.",
)
@option("-D", "--list-interfaces", is_flag=True, help="List the interfaces and end.")
@reading
def live(no_progress: bool, list_interfaces: bool, **options: Any) -> int:
    """Watch connections while they run: an interface, "-" for a pipe, or a file that grows.

    On a terminal the screen opens; else each thing is a line as it happens (with --format jsonl
    one of JSON), and the report comes at the end: after ctrl-c, --duration or --max-packets. What
    was said of an end is said again when later packets say more.
    """
    if list_interfaces:
        from wsdebug.cli.interfaces import list_them  # noqa: PLC0415 - loads scapy

        list_them()
        return 0
    return _watch(no_progress=no_progress, **options)


@wsdebug.command(short_help="Write chosen connections: packets, reports, a payload.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    help="What to write, by the end of its name: .pcapng, .json, .jsonl, .md, .txt.",
)
@option(
    "-F",
    "--format",
    "form",
    type=click.Choice(["auto", "pcapng", "json", "jsonl", "markdown", "text"]),
    default="auto",
    help="Where the name does not say it.",
)
@option("-c", "--connections", metavar="N,N-N", help="Only these.")
@option(
    "-f",
    "--capture-filter",
    metavar="FILTER",
    help="Read only packets that match, in tcpdump's language; connections are numbered anew.",
)
@option(
    "--payload-of",
    metavar="N:FRAME",
    help="The payload of one frame: 3:S38 is the server's 39th of connection 3.",
)
@option("-k", "--keylog", metavar="FILE", help=KEYLOG)
@option(
    "--with-keys",
    is_flag=True,
    help="pcapng: put the TLS keys of the chosen connections in; who has the file can read them.",
)
@option(
    "--anonymise",
    "--anonymize",
    "anonymise",
    is_flag=True,
    help="Packets that can be shown to anybody: other addresses, hosts, secrets and payloads of the"
    " same length, and the same verdict.",
)
@option("--force", is_flag=True, help="Write over a file that exists.")
@option("--no-progress", is_flag=True, help="No progress on stderr.")
def export(no_progress: bool, **options: Any) -> int:
    """Write packets, reports or a payload of chosen connections to a file.

    Packets are those of whole TCP connections, unchanged; what was found is in comments that
    Wireshark shows. Cookies, tokens and payloads are in them too, unless --anonymise replaces them;
    of TLS connections they are encrypted as they were, without their keys.
    """
    from wsdebug.cli.export import Exporting, Wish  # noqa: PLC0415 - the analysis is not small

    return Exporting(Wish(progress=not no_progress, **options)).run()


@wsdebug.command(short_help="Explain a log line, a code, a rule, a cause, a frame header.")
@click.argument("what", metavar="WHAT...", nargs=-1, required=True)
def explain(what: tuple[str, ...]) -> None:
    """Explain a rule or a cause (name or code), several (FR, DX2), a close code, an HTTP status,
    a field of filters (`filter` for all), how to get TLS keys (`keylog`), the header of a frame in
    hex (8185 or 81 85), or a line from a log ("RSV1 must be clear", WS_ERR_EXPECTED_MASK).
    """
    from wsdebug.explain import explain as page_of  # noqa: PLC0415 - --help does without

    plain = not takes_unicode(standard_output())
    try:
        pages = [page_of(" ".join(what), ascii_only=plain)]
    except UserError:
        if len(what) == 1 or not any(map(_NAME.fullmatch, what)):
            raise
        pages = [page_of(word, ascii_only=plain) for word in what]
    show("\n\n".join(page.rstrip("\n") for page in pages))


@wsdebug.command(short_help="List every rule and every cause.")
def rules() -> None:
    """List every rule (code, name, severity, what it says) and every cause."""
    from wsdebug.explain import rules_table  # noqa: PLC0415 - --help does without

    out = standard_output()
    show(rules_table(width_of(out) if is_terminal(out) else None).rstrip("\n"))


@wsdebug.command()
def schema() -> None:
    """Print the JSON Schema of the JSON report."""
    import json  # noqa: PLC0415 - --help does without

    from wsdebug.report import schema as report_schema  # noqa: PLC0415 - --help does without

    show(json.dumps(report_schema(), indent=2))
