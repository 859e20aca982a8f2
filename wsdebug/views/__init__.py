"""What a payload says, by its content: one file a view, the one with the highest priority first.

Nothing raises on hostile bytes, everything is limited, and control characters are shown as
symbols.
"""

from wsdebug.views.choose import summary, view_of, views_of
from wsdebug.views.registry import Shown

__all__ = ["Shown", "summary", "view_of", "views_of"]
