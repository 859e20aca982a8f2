"""What leaves the analysis as a file of its own: packets of chosen connections, payloads."""

from wsdebug.export.packets import Written, export_packets
from wsdebug.export.payload import FrameName, export_payload

__all__ = ["FrameName", "Written", "export_packets", "export_payload"]
