"""Where the program begins and ends: every way out is an exit status, none a traceback."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
from collections.abc import Sequence

import click

from wsdebug.cli.commands import wsdebug
from wsdebug.cli.terminal import complain
from wsdebug.model.errors import UserError

FAILED = 2
INTERRUPTED = 130
_WRITE_ELSEWHERE = "Make room there, or write the report elsewhere: -o FILE"
PIPE_CLOSED = 141
"""What a shell reports of a program that SIGPIPE ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _run(given)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        place = error.filename or "The report"
        complain(f"{place} cannot be written: {error.strerror or error}.", _WRITE_ELSEWHERE)
        _silence_stdout()
        return FAILED
    return status


def _run(given: list[str]) -> int:
    try:
        status = wsdebug.main(args=given, prog_name="wsdebug", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
    except click.UsageError as error:
        complain(_sentence(error.format_message()), _usage_hint(error))
    except click.ClickException as error:
        complain(error.format_message())
    except click.Abort:
        return INTERRUPTED
    except UserError as error:
        complain(str(error), error.hint, error.place)
    except SystemExit as error:  # click's own answer to a closed pipe
        raise BrokenPipeError from error
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - a traceback is never the answer to input
        _internal_error(error, given)
    else:
        return status if isinstance(status, int) else 0
    return FAILED


def _sentence(message: str) -> str:
    return message if message.endswith((".", "?")) else f"{message}."


def _usage_hint(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx is not None else "wsdebug"
    return f"`{path} --help` shows what is possible."


def _internal_error(error: Exception, given: list[str]) -> None:
    if os.environ.get("WSDEBUG_DEBUG") or _verbosity(given) > 1:
        traceback.print_exc()
    complain(
        f"This is a bug in wsdebug: {type(error).__name__}: {error}",
        "Run it again with -vv and report what it prints, with the capture if you can share it.",
    )


def _verbosity(given: list[str]) -> int:
    flags = [each for each in given if re.fullmatch(r"-v+", each)]
    return sum(len(each) - 1 for each in flags) + given.count("--verbose")


def _silence_stdout() -> None:
    """Nobody reads any more: what is still buffered goes nowhere, without a complaint at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
