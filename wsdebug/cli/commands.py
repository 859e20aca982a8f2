"""The commands and their options. What a command needs is imported when it runs, so that
`--help` stays fast.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

import wsdebug as package
from wsdebug.cli.limits import WithLimits
from wsdebug.cli.terminal import is_terminal, show, standard_output, takes_unicode, width_of
from wsdebug.cli.verbs import Verbs
from wsdebug.model.errors import UserError

_EPILOG = (
    "Exit status: 0 nothing at or above --fail-on, 1 something is, 2 it could not be done,"
    " 3 no WebSocket in it, 130 interrupted."
)
_NAME = re.compile(r"[A-Za-z]{2}\d{3}|\d{3,4}|[a-z]+(?:-[a-z0-9]+)+")
"""What is asked for by itself: several of these are several pages, other words are one text."""
_KEYLOG = (
    "Keys of TLS sessions, in the format of SSLKEYLOGFILE (default: the file that $SSLKEYLOGFILE"
    " names); those inside a pcapng are used by themselves. How to get them: `wsdebug explain"
    " keylog`."
)
F = TypeVar("F", bound=Callable[..., Any])


def _option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option that the environment can set too: `--fail-on` is WSDEBUG_FAIL_ON."""
    long = next(name for name in reversed(names) if name.startswith("--"))
    return click.option(*names, envvar="WSDEBUG_" + long[2:].upper().replace("-", "_"), **settings)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
@click.version_option(package.__version__, prog_name="wsdebug", message="%(prog)s %(version)s")
def wsdebug() -> None:
    """Reads a capture and says why a WebSocket broke: what, which bytes, what to change.

    `wsdebug trace.pcapng` is short for `wsdebug read trace.pcapng`. Each option of read can be
    set in the environment: WSDEBUG_FORMAT, WSDEBUG_FAIL_ON and so on.
    """


@wsdebug.command(cls=WithLimits, epilog=_EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@_option(
    "-F",
    "--format",
    "form",
    type=click.Choice(["auto", "text", "json", "jsonl", "markdown"]),
    default="auto",
    help="auto is the screen on a terminal, text otherwise or with an option that only text has;"
    " markdown is masked, to be shared; json and jsonl are complete.",
)
@_option("-o", "--output", metavar="FILE", default="-", help='Write there; "-" is stdout.')
@_option(
    "--fail-on",
    type=click.Choice(["note", "warning", "error", "never"]),
    default="error",
    show_default=True,
    help="Exit 1 if a finding or an ending is as bad as that.",
)
@_option(
    "-f",
    "--capture-filter",
    metavar="FILTER",
    help="Read only packets that match, in tcpdump's language: 'host 192.0.2.1 and port 80'.",
)
@_option(
    "-d",
    "--decode-as",
    metavar="PORT=ws[,deflate]",
    multiple=True,
    help="This TCP port speaks WebSocket, though no handshake was captured.",
)
@_option("-k", "--keylog", metavar="FILE", help=_KEYLOG)
@_option("--allow-empty", is_flag=True, help="No WebSocket in it is exit 0, not 3.")
@_option("-c", "--connections", metavar="N,N-N", help="Only these, in full.")
@_option(
    "-Y",
    "--filter",
    metavar="EXPR",
    help="Only connections that match, or with a frame that does: 'op == ping and len > 100'."
    " `wsdebug explain filter` lists the fields.",
)
@_option("--select", metavar="RULES", multiple=True, help="Only findings of these rules.")
@_option(
    "--ignore",
    metavar="RULES",
    multiple=True,
    help="No findings of these rules: names, codes or beginnings of codes (FR104, FR).",
)
@_option(
    "--payload",
    type=click.Choice(["none", "preview", "full"]),
    default="none",
    show_default=True,
    help="How much of the payload the report shows.",
)
@_option(
    "--limit",
    "limit",
    metavar="NAME=VALUE",
    multiple=True,
    help="Keep more, or less, of a capture: flows=1M. All limits stand below.",
)
@_option(
    "--reveal",
    metavar="ITEMS",
    default="",
    help="Markdown: leave these unmasked: hosts, headers, payload (with commas between).",
)
@_option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="auto heeds FORCE_COLOR, NO_COLOR and TERM, and is off in a pipe.",
)
@_option("--ascii", is_flag=True, help="No character beyond ASCII.")
@_option("--width", type=click.IntRange(40, 10_000), help="Columns of the text report.")
@_option("--no-progress", is_flag=True, help="No progress on stderr.")
@_option("-v", "--verbose", count=True, help="Every connection in full; -vv: tracebacks of bugs.")
@_option("-q", "--quiet", is_flag=True, help="Text: the totals only. No progress.")
def read(no_progress: bool, **options: Any) -> int:
    """Analyse captures: pcap or pcapng, plain or compressed, "-" for standard input.

    Several files are read as one capture.
    """
    from wsdebug.cli import screen  # noqa: PLC0415 - --help does without
    from wsdebug.cli.read import Reading, Request  # noqa: PLC0415 - the analysis is not small

    request = Request(progress=not no_progress, **options)
    if screen.is_wanted(request, os.environ):
        return screen.show(request)
    return Reading(request).run()


@wsdebug.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@_option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    help="What to write, by the end of its name: .pcapng, .json, .jsonl, .md, .txt.",
)
@_option(
    "-F",
    "--format",
    "form",
    type=click.Choice(["auto", "pcapng", "json", "jsonl", "markdown", "text"]),
    default="auto",
    help="Where the name does not say it.",
)
@_option("-c", "--connections", metavar="N,N-N", help="Only these.")
@_option(
    "-f",
    "--capture-filter",
    metavar="FILTER",
    help="Read only packets that match, in tcpdump's language; connections are numbered anew.",
)
@_option(
    "--payload-of",
    metavar="N:FRAME",
    help="The payload of one frame: 3:S38 is the server's 39th of connection 3.",
)
@_option("-k", "--keylog", metavar="FILE", help=_KEYLOG)
@_option(
    "--with-keys",
    is_flag=True,
    help="pcapng: put the TLS keys of the chosen connections in; who has the file can read them.",
)
@_option(
    "--anonymise",
    "--anonymize",
    "anonymise",
    is_flag=True,
    help="Packets that can be shown to anybody: other addresses, hosts, secrets and payloads of the"
    " same length, and the same verdict.",
)
@_option("--force", is_flag=True, help="Write over a file that exists.")
@_option("--no-progress", is_flag=True, help="No progress on stderr.")
def export(no_progress: bool, **options: Any) -> int:
    """Write packets, reports or a payload of chosen connections to a file.

    Packets are those of whole TCP connections, unchanged; what was found is in comments that
    Wireshark shows. Cookies, tokens and payloads are in them too, unless --anonymise replaces them;
    of TLS connections they are encrypted as they were, without their keys.
    """
    from wsdebug.cli.export import Exporting, Wish  # noqa: PLC0415 - the analysis is not small

    return Exporting(Wish(progress=not no_progress, **options)).run()


@wsdebug.command()
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


@wsdebug.command()
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
