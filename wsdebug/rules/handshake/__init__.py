"""HS101 to HS122: the opening handshake (RFC 6455 4; RFC 9110; RFC 9112; RFC 7692 7.1).

`request` judges what the client sent, `answer` the 101, `extensions` and `subprotocols` what the
two agreed on, `order` what came at the wrong moment, `http2` the extended CONNECT; `fields` reads
header values. A rejected handshake breaks no rule, so only a 101 is judged. In a head that was not
seen to its end nothing is missing.
"""

from wsdebug.rules.handshake import answer as answer
from wsdebug.rules.handshake import extensions as extensions
from wsdebug.rules.handshake import http2 as http2
from wsdebug.rules.handshake import order as order
from wsdebug.rules.handshake import parameters as parameters
from wsdebug.rules.handshake import request as request
from wsdebug.rules.handshake import subprotocols as subprotocols
