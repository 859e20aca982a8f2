"""TLS as an observer with the keys reads it (docs/decisions/0016-tls.md).

`records` finds the records of a side, `keylog` the secrets, `session` follows both sides from the
hellos on: which keys they have when, what they say of themselves, and the plaintext.
"""

from wsdebug.transport.tls.keylog import KeyLog
from wsdebug.transport.tls.records import HEADER, is_header
from wsdebug.transport.tls.session import Inside, Secrets, TlsSession

__all__ = ["HEADER", "Inside", "KeyLog", "Secrets", "TlsSession", "is_header"]
