"""The records all rooms share: facts read off the wire, findings, and the finished analysis.

No behaviour beyond derived properties, no input or output.
"""
