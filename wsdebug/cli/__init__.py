"""The command line: commands, options, exit codes and the manners of a terminal.

Everything that depends on the surroundings is decided here: environment, clock, terminal,
standard streams. `main()` never raises and returns the exit status.
"""

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    try:
        # Imported here, so that ctrl-c while the program still loads is no traceback either.
        from wsdebug.cli.entry import main as run  # noqa: PLC0415

        return run(arguments)
    except KeyboardInterrupt:
        return 130
