"""A capture that grows: what is told as it happens, and revised when more is known.

Nothing here changes what a connection's report will be: whoever reads the file afterwards is told
the same (docs/decisions/0015).
"""

from wsdebug.analysis.live.watching import Watching

__all__ = ["Watching"]
