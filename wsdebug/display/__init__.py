"""TODO room sentence."""
