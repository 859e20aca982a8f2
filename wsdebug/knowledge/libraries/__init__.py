"""What WebSocket libraries log: each one an ordered list of checks, kept as data.

Theory: RFC 6455 7.1.7 says when an endpoint fails a connection, not what it tells its user.
Practice: people search for the sentence. Which sentence the same bytes make depends on the order
in which a library looks at the header, on its role and on permessage-deflate. So a library is
data (`data/*.toml`), and `what_it_logs` walks its list.
"""

from wsdebug.knowledge.libraries.loading import LIBRARIES, all_libraries, library
from wsdebug.knowledge.libraries.model import Check, Event, Library, Said, Situation
from wsdebug.knowledge.libraries.saying import what_it_logs
from wsdebug.knowledge.libraries.signs import betrayed

__all__ = [
    "LIBRARIES",
    "Check",
    "Event",
    "Library",
    "Said",
    "Situation",
    "all_libraries",
    "betrayed",
    "library",
    "what_it_logs",
]
