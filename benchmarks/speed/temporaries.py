"""Memory that a Gram step needs beside parameters and batch, from the compiled program."""

from benchmarks.speed._result import Result, curve, result, table
from benchmarks.speed._trunk import Shape, draw, lowered

METHOD = "upgrad"
WIDTH, BATCH = 256, 2048
OBJECTIVES, SMALL = (2, 4, 8, 16, 32, 64), (2, 16)


def temporaries(*, small: bool = False) -> Result:
    """Read the temporaries of a step for several numbers of objectives."""
    width, batch = (16, 32) if small else (WIDTH, BATCH)
    found = {m: _megabytes(Shape(width, batch, m)) for m in (SMALL if small else OBJECTIVES)}
    rows = [(str(m), f"{size:.1f}") for m, size in found.items()]
    title = f"Temporaries of a step of {METHOD}, 3×{width}, batch {batch:,}, float32"
    label = "objectives $m$"
    return result(
        {f"m{m}": found.get(m) for m in (16, 64)},
        [table(title, ("m", "MB"), rows)],
        [curve("temporaries", title, label, "MB", {METHOD: list(found.items())})],
        ["`memory_analysis().temp_size_in_bytes` of the compiled step; 1 MB is 1e6 bytes."],
    )


def _megabytes(shape: Shape) -> float:
    program, _ = lowered(METHOD, draw(shape), shape.m)
    return float(program.compile().memory_analysis().temp_size_in_bytes) / 1e6
