from wsdebug.model.place import Packet

# The packets of records that lie whole in `data` and whose length is usual; where it stopped.
def take(
    data: bytes,
    header: int,
    is_big: bool,
    usual: int,
    unit: int,
    number: int,
    base: int,
    link_type: int,
    /,
) -> tuple[list[Packet], int]: ...
