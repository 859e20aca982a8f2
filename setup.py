"""The compiled parts; everything else about the package stands in pyproject.toml.

One extension module for each hot loop, made of as many C files as it needs. Each is optional:
without a compiler or Python's headers the install goes through and that loop runs in Python.
"""

from pathlib import Path

from setuptools import Extension, setup

HERE = "wsdebug/compiled/"
PARKED = ("parked", "half", "segment", "sieve", "waiting", "whole")


def compiled(name: str, *sources: str) -> Extension:
    """The module `wsdebug.compiled.name` of these C files."""
    return Extension(
        f"wsdebug.compiled.{name}",
        [f"{HERE}{source}.c" for source in sources],
        depends=[str(header) for header in Path(HERE).glob("*.h")],
        extra_compile_args=["-O2", "-Wall", "-Wextra"],
        optional=True,
    )


setup(
    ext_modules=[
        compiled("_frames", "frames", "window", "inflate", "huffman", "utf8"),
        compiled("_moulds", "moulds"),
        compiled("_parked", *PARKED, "packet", "plain", "inflate", "huffman", "utf8"),
        compiled("_records", "records", "batch", "packet"),
    ]
)
