"""HTTP/2 as an observer reads it (RFC 9113), for the WebSockets that it carries (RFC 8441).

    header, framing   one side's bytes -> pieces of frames; DATA passes through, the rest is whole
    borders           where frames go on behind a hole, or at the beginning of a capture
    headers           one side's header blocks (HPACK, RFC 7541), and whether its table is known
    windows           how much each side may send (flow control)
    connection        both sides: pieces -> events of the streams that are WebSockets
    events            what there is to tell

Nothing here raises on what it is fed. `connection` is imported when a connection turns out to be
HTTP/2: hyperframe and hpack cost start-up time that other captures must not pay.
"""
