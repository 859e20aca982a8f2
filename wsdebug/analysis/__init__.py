"""The conductor: joins the rooms into one pass over a capture.

`Session` for whoever wants connections as they end and progress; `read` and `frames` for the rest.
"""

from wsdebug.analysis.reading import frames, read
from wsdebug.analysis.session import OnRecurring, Session

__all__ = ["OnRecurring", "Session", "frames", "read"]
