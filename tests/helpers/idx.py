"""Files in the format of MNIST."""

import struct

import numpy as np


def idx(array: np.ndarray) -> bytes:
    """Return the idx file of an array of bytes."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()
