"""How values are shown safely and alike in every view: control characters made visible, times,
sizes and counts in words, text fitted to columns, and masking of what must not be shared.

Pure functions of their arguments; nothing here judges.
"""
