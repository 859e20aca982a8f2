"""Lines of every connection while a capture is read, and the bytes behind them when looked at."""

from wsdebug.analysis.store.rows import Rows
from wsdebug.analysis.store.store import Store

__all__ = ["Rows", "Store"]
