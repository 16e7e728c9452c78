"""Coverage-guided fuzzing of the wire's decoding, run by hand: what comes is plain data or Malformed.

atheris (libFuzzer for Python) is no dependency of the kit. In an environment of its own:

    pip install atheris hypothesis msgpack numpy -c constraints.txt
    PYTHONPATH=. nice python tests/kit/fuzz_wire.py CORPUS -max_total_time=600 -timeout=5 -rss_limit_mb=1024

CORPUS is an empty folder, or one of an earlier run to go on from; other options are libFuzzer's. An input that
raises anything but Malformed, decodes to anything but plain data, cannot be judged, or takes too long is
written to a file.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader"]):
    import grader.wire

import numpy as np
from values_of_the_wire import RECORDS, Pair, Triple, decode_and_check

from grader.wire import Handle, Opaque, Tensor

HONEST = [
    [None, True, -1, 2**63, 2**400, 0.5, "text", b"bytes", ("tuple",), {"key": [1]}],
    [np.eye(2), np.zeros((0, 3), np.int8), np.array(True), np.float32(1), np.complex128(1j)],
    [[0.5, -0.0], [np.float64(1)], Tensor(np.ones(2), requires_grad=True), Handle(3, 1), Opaque("object")],
    [Pair(np.ones((2, 2)), np.array(0.0)), Triple([1.0], [[1.0]], ({},))],
]


def main() -> None:
    """Write the first inputs where there is a folder for them, and run until libFuzzer stops."""
    for folder in filter(Path.is_dir, map(Path, sys.argv[1:])):
        for number, value in enumerate(HONEST):
            (folder / f"honest-{number}").write_bytes(grader.wire.encode(value, RECORDS))
    atheris.Setup(sys.argv, decode_and_check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
