"""Wireshark's tcp.stream numbers and stream bytes are ours, on generated and stored captures."""

import random
import shutil
import struct
import subprocess

import pytest

from tests.stored import PUBLIC, PUBLIC_CAPTURES
from tests.transport.playbook import Play, run
from wsdebug.capture import open_captures
from wsdebug.model.place import Side

# tshark writes a sentence into the stream where bytes are missing, and knows other rules for it.
WITH_GAPS = {"zeek-http_entity_gap.pcap", "zeek-tcp_reassembly.pcap"}


def followed(path, count):
    """tcp.stream -> both streams as tshark follows them, in one set: sides have no name there."""
    assert shutil.which("tshark"), "tshark is missing; on Debian: apt-get install tshark"
    command = ["tshark", "-n", "-r", str(path), "-q"]
    for index in range(count):
        command += ["-z", f"follow,tcp,raw,{index}"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    streams = []
    for part in ran.stdout.split("Follow: tcp,raw")[1:]:
        sides = {False: b"", True: b""}
        for line in part.splitlines():
            hexadecimal = line.strip()
            if hexadecimal and not set(hexadecimal) - set("0123456789abcdef"):
                sides[line.startswith("\t")] += bytes.fromhex(hexadecimal)
        streams.append(sides)
    return sorted_by_index(ran.stdout, streams)


def sorted_by_index(text, streams):
    order = [
        int(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("Filter: tcp.stream eq")
    ]
    return {index: set(sides.values()) for index, sides in zip(order, streams, strict=True)}


def connections_by_tshark(path):
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "tcp.stream"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return {int(line) for line in ran.stdout.split()}


def compare(path, outcome):
    count = outcome.transport.tcp_connections
    assert connections_by_tshark(path) == set(range(count))
    theirs = followed(path, count)
    for index in outcome.flows:
        ours = {bytes(outcome.streams[index, side]) for side in Side}
        assert ours == theirs[index], index


@pytest.mark.parametrize("name", sorted(set(PUBLIC_CAPTURES) - WITH_GAPS))
def test_stored_capture(name):
    path = PUBLIC / name
    packets = [packet for batch in open_captures([str(path)]).batches() for packet in batch]
    compare(path, run(packets))


def write_pcap(path, packets):
    with path.open("wb") as file:
        file.write(struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, 1 << 18, 1))
        for _, time, _, data, wire_length, _ in packets:
            seconds, rest = divmod(time, 10**9)
            file.write(struct.pack("<IIII", seconds, rest, len(data), wire_length) + data)


def conversation(dice, port, *, is_first):
    """One connection, told in a way that TCP allows; the first on its ports may lack its SYN."""
    play = Play(port=port, client_isn=dice.getrandbits(32), server_isn=dice.getrandbits(32))
    if dice.random() < 0.2:
        play.client.sends("S")
        play.client.seq = play.client.isn
    if dice.random() < 0.7 or not is_first:
        play.handshake()
    else:
        play.client.heard, play.server.heard = play.server.isn + 1, play.client.isn + 1
        play.client.seq, play.server.seq = play.server.heard, play.client.heard
    for speaker in dice.choices([play.client, play.server], k=6):
        data = dice.randbytes(dice.randint(1, 40))
        speaker.says(data)
        if dice.random() < 0.3:
            speaker.sends("PA", data, seq=speaker.seq - len(data))
        speaker.peer.acks()
    ending = dice.random()
    if ending < 0.4:
        play.client.ends()
        play.server.acks().ends()
        play.client.acks()
    elif ending < 0.6:
        play.server.resets()
    return play.packets


def interleave(dice, talks):
    packets = []
    while talks := [talk for talk in talks if talk]:
        packets.append(dice.choice(talks).pop(0))
    return [(number, number * 10**6, *packet[2:]) for number, packet in enumerate(packets, 1)]


@pytest.mark.parametrize("seed", range(4))
def test_generated_capture_with_ports_used_again(tmp_path, seed):
    dice = random.Random(seed)
    talks = []
    for port in range(40_000, 40_006):
        talk = []
        for turn in range(dice.randint(1, 3)):
            talk += conversation(dice, port, is_first=turn == 0)
        talks.append(talk)
    packets = interleave(dice, talks)
    path = tmp_path / "made.pcap"
    write_pcap(path, packets)
    compare(path, run(packets))
