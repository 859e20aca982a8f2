"""Why connections die: one file a cause. Importing this package registers them all."""

from __future__ import annotations

import importlib
import pkgutil

from wsdebug.diagnosis.causes.registry import (
    CAUSES,
    CauseRule,
    Claim,
    all_causes,
    cause,
    ranked,
    settled,
)

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["CAUSES", "CauseRule", "Claim", "all_causes", "cause", "ranked", "settled"]
