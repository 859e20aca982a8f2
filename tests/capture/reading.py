"""Reads captures for the tests of this room."""

from wsdebug.capture import open_captures


def read(*paths, **options):
    """Captures and the packets of all batches."""
    captures = open_captures([str(path) for path in paths], **options)
    return captures, [packet for batch in captures.batches() for packet in batch]


def facts(packets):
    """(time, data, length on the wire) of each."""
    return [(time, data, wire) for _, time, _, data, wire, _ in packets]


def kinds(captures):
    return [(note.kind, note.packet) for file in captures.files for note in file.warnings]
