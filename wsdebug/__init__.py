"""wsdebug: reads a capture and says why a WebSocket broke."""

__version__ = "0.1.0"
