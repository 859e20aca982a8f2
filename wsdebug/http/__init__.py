"""HTTP/1 as an observer reads it: what a connection opens with, heads with every fault of form
kept, and where bodies end. No body byte is ever kept, and nothing is judged.

    recognise        the first bytes of a side: request, response, PROXY header, HTTP/2, other
    parse_head       bytes -> model.facts.Head
    body_length      head -> bytes that follow, or chunked, or until the connection closes
    Body             steps over a body piece by piece
    Budget           what all readers may keep together
    Reader           one side of a connection: queued pieces in, heads out
"""

from wsdebug.http.body import Body, Framing, body_length
from wsdebug.http.budget import Budget
from wsdebug.http.head import HEAD_END, parse_head, tokens
from wsdebug.http.piece import Piece
from wsdebug.http.reader import Reader
from wsdebug.http.recognise import (
    Opening,
    opens_like_client,
    proxy_header_length,
    recognise,
    starts_like_request,
    starts_like_response,
)

__all__ = [
    "HEAD_END",
    "Body",
    "Budget",
    "Framing",
    "Opening",
    "Piece",
    "Reader",
    "body_length",
    "opens_like_client",
    "parse_head",
    "proxy_header_length",
    "recognise",
    "starts_like_request",
    "starts_like_response",
    "tokens",
]
