"""After how long proxies, clouds and libraries end a connection, and what that looks like.

Theory: RFC 6455 knows no timeout. Practice: most connections that end as 1006 without a fault in
them were ended by one of these.
"""

from wsdebug.knowledge.timeouts.fitting import ALL, by_shape, fits_shape, fitting
from wsdebug.knowledge.timeouts.timeout import SHAPES, Timeout

__all__ = ["ALL", "SHAPES", "Timeout", "by_shape", "fits_shape", "fitting"]
