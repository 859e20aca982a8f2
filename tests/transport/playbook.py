"""TCP as a play: two speakers say things, lose things, and the transport is the audience.

play = Play().handshake()
play.client.says(b"GET")
play.server.acks()
outcome = play.run()
"""

from collections import Counter
from collections.abc import Callable

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import Packet, Side
from wsdebug.transport import Flow, Half, Transport

START = 1_700_000_000_000_000_000
MS = 1_000_000
ETHERNET = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}


class Speaker:
    """One endpoint: knows its next sequence number and what it has acknowledged."""

    def __init__(self, play, address, port, isn):
        self.play, self.address, self.port = play, address, port
        self.seq = self.isn = isn
        self.heard = None  # the peer's next sequence number as far as this side acknowledges
        self.ip_id = 100
        self.window = 500
        self.ttl = 64
        self.peer = None

    def sends(self, flags="A", data=b"", *, seq=None, captured=True, ack=None, **extra):
        """Send a segment; `seq` in place of the next number makes it a repetition."""
        is_new = seq is None
        seq = self.seq if is_new else seq
        if is_new:
            self.seq += len(data) + ("S" in flags) + ("F" in flags)
        if captured:
            self.play.record(self, flags, data, seq, self.heard if ack is None else ack, **extra)
        return self

    def says(self, data, **extra):
        return self.sends("PA", data, **extra)

    def acks(self, **extra):
        """Acknowledge everything the peer has sent."""
        self.heard = self.peer.seq
        return self.sends("A", **extra)

    def repeats(self, offset, data, flags="PA", **extra):
        """Send stream bytes again (or for the first time, out of turn)."""
        return self.sends(flags, data, seq=self.isn + 1 + offset, **extra)

    def ends(self, **extra):
        return self.sends("FA", **extra)

    def resets(self, **extra):
        return self.sends("RA", **extra)


class Play:
    """The capture in the making."""

    def __init__(self, *, ipv6=False, client_isn=1_000, server_isn=5_000, port=40_000):
        self.ipv6 = ipv6
        addresses = ("2001:db8::1", "2001:db8::2") if ipv6 else ("192.0.2.1", "192.0.2.2")
        self.client = Speaker(self, addresses[0], port, client_isn)
        self.server = Speaker(self, addresses[1], 80, server_isn)
        self.client.peer, self.server.peer = self.server, self.client
        self.packets: list[Packet] = []
        self.now = START

    def record(self, speaker, flags, data, seq, ack, **extra):
        speaker.ip_id += 1
        ip_id = extra.get("ip_id", speaker.ip_id)
        tcp = TCP(
            sport=speaker.port,
            dport=speaker.peer.port,
            seq=seq % 2**32,
            ack=(ack or 0) % 2**32,
            flags=flags if ack is not None else flags.replace("A", "") or "A",
            window=extra.get("window", speaker.window),
            options=extra.get("options", []),
        )
        ttl = extra.get("ttl", speaker.ttl)
        if self.ipv6:
            ip = IPv6(src=speaker.address, dst=speaker.peer.address, hlim=ttl)
        else:
            ip = IP(src=speaker.address, dst=speaker.peer.address, id=ip_id, ttl=ttl)
        layers = Ether(**ETHERNET) / ip / tcp
        self.add(bytes(layers / Raw(data) if data else layers), cut=extra.get("cut", 0))

    def add(self, raw, *, linktype=1, cut=0):
        """Put a packet into the capture, its last `cut` bytes missing."""
        number = len(self.packets) + 1
        captured = raw[: len(raw) - cut]
        self.packets.append((number, self.now, linktype, captured, len(raw), number))
        self.now += MS // 10

    def waits(self, ms):
        self.now += int(ms * MS)
        return self

    def noise(self, count):
        """Packets of somebody else."""
        arp = bytes.fromhex("ffffffffffff0200000000010806") + bytes(28)
        for _ in range(count):
            self.add(arp)
        return self

    def handshake(self):
        self.client.sends("S")
        self.server.heard = self.client.seq
        self.server.sends("SA")
        self.client.acks()
        return self

    def run(self, **options):
        return run(self.packets, **options)


class Outcome:
    """What a consumer of every connection was told."""

    def __init__(self):
        self.flows: dict[int, Flow] = {}
        self.streams: dict[tuple[int, Side], bytearray] = {}
        self.marks = []
        self.told = []
        self.transport: Transport

    def client(self, index=0):
        return bytes(self.streams[index, Side.CLIENT])

    def server(self, index=0):
        return bytes(self.streams[index, Side.SERVER])

    def half(self, side, index=0) -> Half:
        flow = self.flows[index]
        return flow.client if side == "client" else flow.server

    def counts(self, index=0):
        return Counter({kind.value: n for kind, n in self.flows[index].event_counts.items()})

    def gaps(self, index=0):
        return [line[2:] for line in self.told if line[:2] == (index, "gap")]

    def tells(self, what, index=0):
        return [line[2:] for line in self.told if line[:2] == (index, what)]


class Listener:
    """A consumer that writes everything down."""

    def __init__(self, outcome, flow):
        self.outcome, self.index, self.told = outcome, flow.index, outcome.told

    def gap(self, side, length, _mark, reason):
        offset = len(self.outcome.streams[self.index, side])
        # The stream keeps its offsets: what is missing is filled up.
        self.outcome.streams[self.index, side].extend(b"?" * length)
        self.told.append((self.index, "gap", side.value, offset, length, reason))

    def overlap(self, side, offset, kept, other, _mark):
        self.told.append((self.index, "overlap", side.value, offset, kept, other))

    def end(self, side, how, _mark):
        self.told.append((self.index, "end", side.value, how))

    def close(self, _flow):
        self.told.append((self.index, "close"))


def run(
    packets,
    *,
    limits: Limits = DEFAULT_LIMITS,
    batch: int = 7,
    wanted: Callable[[Flow], bool] = lambda _: True,
) -> Outcome:
    """Feed the packets, in small batches, to a transport whose opener wants everything."""
    outcome = Outcome()

    def opener(flow, half, _data):
        outcome.flows[flow.index] = flow
        if not wanted(flow):
            flow.ignore()
            return
        if flow.client is None:
            flow.set_client(half)
        flow.consumer = Listener(outcome, flow)
        for each in flow.halves:
            stream = outcome.streams[flow.index, each.side] = bytearray()

            def feed(data, mark, stream=stream, side=each.side):
                stream.extend(data)
                outcome.marks.append((side.value, *mark))

            each.feed = feed

    transport = outcome.transport = Transport(opener, limits)
    for start in range(0, len(packets), batch):
        transport.consume(packets[start : start + batch])
    transport.finish()
    return outcome
