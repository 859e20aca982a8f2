"""The filter language: which connections and which frames.

`parse(text)` gives a `Filter` or raises `QueryError`, which knows the place of the fault.
Sans-io: it is asked about records (`FrameRecord`, or anything shaped like one) and reads nothing.
"""

from wsdebug.query.errors import QueryError, pointed
from wsdebug.query.filter import Filter
from wsdebug.query.parser import parse
from wsdebug.query.records import FrameLike, FrameRecord
from wsdebug.query.sieve import Sieve

__all__ = ["Filter", "FrameLike", "FrameRecord", "QueryError", "Sieve", "parse", "pointed"]
