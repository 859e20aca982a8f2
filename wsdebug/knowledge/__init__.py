"""What is known beforehand, as data with typed look-ups: close codes and HTTP statuses.

Nothing here has seen a capture.
"""
