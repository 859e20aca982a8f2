# As wsdebug.report.moulds.
from wsdebug.model.recurring import Values

class Mould:
    def __init__(
        self,
        pieces: tuple[bytes, ...],
        chosen: tuple[int, ...],
        numbers: int,
        times: frozenset[int],
    ) -> None: ...
    def filled(self, values: Values) -> bytes: ...
