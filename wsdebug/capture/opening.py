"""Opens a capture by name and tells its format by its content; says in words why it cannot."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from wsdebug.capture.pcap import byte_order, pcap_batches
from wsdebug.capture.pcapng import MAGIC, pcapng_batches
from wsdebug.capture.reading import Reading
from wsdebug.capture.recognise import LOOK, looks_like
from wsdebug.capture.source import Copy, Source
from wsdebug.model.errors import UserError
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import Packet

_FORMAT_MAGIC = 4
# A pcapng file's block type, length and byte-order magic; a pipe need not bring more at once.
_MAGICS_LENGTH = 12

_Batches = Callable[[Reading, bytes], Iterator[Sequence[Packet]]]


def source_from_path(
    path: str, stdin: BinaryIO | None, limits: Limits = DEFAULT_LIMITS, copy: Copy | None = None
) -> Source:
    """The bytes of a file, a named pipe, or of standard input where the name is `-`; those of a
    pipe go to `copy` too.
    """
    if path == "-":
        if stdin is None:
            raise UserError(
                "Standard input is closed.", "Pipe a capture in: tcpdump -w - | wsdebug read -"
            )
        name = "Standard input"
        return Source(stdin, name, None, is_ours=False, limits=limits, copy=copy)
    try:
        # Unbuffered: Source asks for large chunks itself.
        stream = Path(path).open("rb", buffering=0)  # noqa: SIM115 - Source closes it
        about = Path(path).stat()
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error
    if stat.S_ISREG(about.st_mode):
        return Source(stream, path, about.st_size, limits=limits)
    return Source(stream, path, None, limits=limits, copy=copy)


def refusal(path: str, error: OSError | ValueError) -> UserError:
    """Why a file cannot be opened and what to do about it."""
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return UserError(f"There is no file {path}.", "Check the path and the spelling.")
        case IsADirectoryError():
            return UserError(f"{path} is a directory.", "Name the capture files in it.")
        case PermissionError():
            return UserError(
                f"You have no permission to read {path}.",
                "Let its owner read it to us: sudo cat FILE | wsdebug read -",
            )
        case OSError():
            return UserError(f"{path} cannot be opened: {error.strerror}.")
        case _:
            return UserError(f"There is no file {path!r}.", "A name cannot hold a NUL.")


def recognise(source: Source) -> tuple[str, _Batches, bytes]:
    """Format, reader and the bytes read so far, of a source at its beginning."""
    head = source.more(b"", _MAGICS_LENGTH)
    if byte_order(head):
        return "pcap", pcap_batches, head
    if head.startswith(MAGIC) and (len(head) < 12 or _has_order_magic(head)):
        return "pcapng", pcapng_batches, head
    raise _unknown(source, source.more(head, LOOK))


def _has_order_magic(head: bytes) -> bool:
    return head[8:12] in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a")


def _unknown(source: Source, head: bytes) -> UserError:
    """What to say of a file that is no capture."""
    name = source.name
    if source.fault and len(head) < _FORMAT_MAGIC:
        return UserError(f"{name} holds no packets: {source.fault}.", "Copy or record it again.")
    if not head:
        what = (
            "is empty" if source.compression is None else f"is an empty {source.compression} file"
        )
        return UserError(f"{name} {what}.", "Did the capture start, and was it stopped properly?")
    if len(head) < _FORMAT_MAGIC:
        return UserError(
            f"{name} is too short to be a capture ({len(head)} bytes).", "Record it again."
        )
    what, hint = looks_like(head)
    return UserError(f"{name} is not a pcap or pcapng capture: it looks like {what}.", hint)
