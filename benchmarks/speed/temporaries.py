"""Memory that a Gram step needs beside parameters and batch, from the compiled program."""

from typing import Any

from benchmarks.speed._result import Result, curve, result, table
from benchmarks.speed._trunk import Shape, draw, lowered

METHOD = "upgrad"
WIDTH, BATCH = 256, 2048
OBJECTIVES, SMALL = (2, 4, 8, 16, 32, 64), (2, 16)
BUDGET = 2**25  # bytes of rows: those of 32 objectives fit, those of 64 do not
KEPT, BUDGETED = "rows kept", "rows within a budget"
_OPTIONS: dict[str, dict[str, Any]] = {KEPT: {}, BUDGETED: {"gram": "auto", "memory": BUDGET}}


def temporaries(*, small: bool = False) -> Result:
    """Read the temporaries of a step for several numbers of objectives."""
    width, batch = (16, 32) if small else (WIDTH, BATCH)
    shapes = [Shape(width, batch, m) for m in (SMALL if small else OBJECTIVES)]
    found = {
        way: {shape.m: _megabytes(shape, options) for shape in shapes}
        for way, options in _OPTIONS.items()
    }
    rows = [
        (str(shape.m), *(f"{sizes[shape.m]:.1f}" for sizes in found.values())) for shape in shapes
    ]
    title = f"Temporaries of a step of {METHOD} in MB, 3×{width}, batch {batch:,}, float32"
    lines = {way: list(sizes.items()) for way, sizes in found.items()}
    return result(
        {"m16": found[KEPT].get(16), "m64": found[BUDGETED].get(64)},
        [table(title, ("m", *found), rows)],
        [curve("temporaries", title, "objectives $m$", "MB", lines)],
        [_NOTE],
    )


def _megabytes(shape: Shape, options: dict[str, Any]) -> float:
    program, _ = lowered(METHOD, draw(shape), shape.m, **options)
    return float(program.compile().memory_analysis().temp_size_in_bytes) / 1e6


_NOTE = (
    "`memory_analysis().temp_size_in_bytes` of the compiled step; 1 MB is 1e6 bytes. *rows within "
    f'a budget*: `gram="auto", memory={BUDGET}`, which keeps the rows while they fit 32 MiB and '
    "takes the Gramian one row at a time beyond; the bar at m = 64 is judged by it, that at 16 "
    "with rows kept. On a CPU rows are held about twice while they are multiplied, as room is "
    "kept for rows scaled to another power of two."
)
