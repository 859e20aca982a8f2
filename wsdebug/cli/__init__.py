"""The command line: commands, options, exit codes and the manners of a terminal.

Everything that depends on the surroundings is decided here: environment, clock, terminal,
standard streams. `main()` never raises and returns the exit status.
"""

from wsdebug.cli.entry import main

__all__ = ["main"]
