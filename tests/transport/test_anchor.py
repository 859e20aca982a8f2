"""Where a side begins whose SYN the capture lacks: its own numbers and the peer's prove bytes."""

import pytest

from tests.transport.playbook import Play


@pytest.fixture
def play():
    """The client's SYN is here, the server's is not."""
    play = Play()
    play.client.sends("S")
    play.server.heard = play.client.seq
    play.server.sends("SA", captured=False)
    return play


def test_what_the_peer_had_acknowledged_is_the_beginning(play):
    play.client.acks().says(b"GET")
    play.server.says(b"a" * 10, captured=False).says(b"b" * 10)
    play.client.acks()
    outcome = play.run()
    assert outcome.server() == b"?" * 10 + b"b" * 10
    assert outcome.gaps() == [("server", 0, 10, "acknowledged")]


def test_an_empty_segment_is_the_beginning(play):
    play.server.sends("A")
    play.server.says(b"a" * 10, captured=False).says(b"b" * 10)
    play.client.acks()
    assert play.run().gaps() == [("server", 0, 10, "acknowledged")]


def test_an_acknowledgement_proves_bytes_behind_an_empty_segment(play):
    play.server.sends("A").says(b"a" * 10, captured=False)
    play.client.acks()
    play.server.says(b"b" * 10)
    play.client.acks()
    assert play.run().gaps() == [("server", 0, 10, "acknowledged")]


def test_a_beginning_that_nobody_acknowledged_is_not_known(play):
    play.client.acks()
    play.server.says(b"a" * 10, captured=False).says(b"b" * 10)
    assert play.run().gaps() == [("server", 0, 10, "not-known")]


def test_a_keep_alive_is_no_beginning():
    play = Play()
    play.server.seq, play.client.heard = 5_001, 5_001
    play.server.sends("A", seq=5_000, ack=1_000)
    play.client.acks()
    play.server.says(b"b" * 10, ack=1_000)
    play.client.acks()
    outcome = play.run()
    assert outcome.gaps() == []
    assert outcome.client() == b"b" * 10  # who spoke first is taken for the client


def test_a_late_acknowledgement_in_a_capture_without_syn_is_no_beginning():
    play = Play()
    play.client.sends("A", ack=5_001)
    play.server.seq = 9_001
    play.server.says(b"b" * 10, ack=1_000)
    play.client.acks()
    outcome = play.run()
    assert outcome.gaps() == []
    assert outcome.client() == b"b" * 10  # who spoke first is taken for the client


def test_fin_behind_a_hole_and_a_receiver_that_was_not_heard():
    play = Play().handshake()
    play.client.says(b"a" * 10).says(b"b" * 10, captured=False).ends()
    assert play.run().gaps() == [("client", 10, 10, "not-known")]


def test_fin_behind_a_hole_and_a_receiver_that_answers_is_loss():
    play = Play().handshake()
    play.client.says(b"a" * 10)
    play.server.acks()
    play.client.says(b"b" * 10, captured=False).ends()
    play.server.sends()
    outcome = play.run()
    assert outcome.gaps() == []
    assert outcome.half("client").unacknowledged_hole == (10, 10)


@pytest.mark.parametrize("proof", ["its own number", "the peer's acknowledgement", None])
def test_a_fin_that_the_capture_lacks(proof):
    play = Play().handshake()
    play.client.says(b"a" * 10)
    play.server.acks()
    play.client.ends(captured=proof is None)
    if proof == "its own number":
        play.client.sends()
    elif proof:
        play.server.acks()
    half = play.run().half("client")
    assert half.has_unseen_fin is (proof is not None)
    assert half.bytes == 10


def test_segments_at_the_end_of_the_data_prove_no_fin():
    play = Play().handshake()
    play.client.says(b"a" * 10)
    play.server.acks()
    play.client.sends().sends(seq=play.client.seq - 1)
    assert not play.run().half("client").has_unseen_fin
