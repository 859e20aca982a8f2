"""A full disk, as a limit of this process and those that it starts."""

import contextlib
import resource


@contextlib.contextmanager
def full_at(size):
    """The system refuses to write files beyond `size`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
