"""A capture that can be shown to anybody: the same story, told by nobody.

    write_anonymised    packets of chosen connections as pcapng, looked at before they are written
    export_anonymised   the same without the look
    Secret              what decides which byte takes the place of which

See docs/decisions/0014-anonymised.md.
"""

from wsdebug.anonymise.checking import verdict_of, write_anonymised
from wsdebug.anonymise.exporting import export_anonymised
from wsdebug.anonymise.secret import Secret

__all__ = ["Secret", "export_anonymised", "verdict_of", "write_anonymised"]
