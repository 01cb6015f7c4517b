"""The rows of the suite: what measures each, and where."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_SMALL: Mapping[str, Any] = MappingProxyType({"small": True})


class Row(NamedTuple):
    """One kind of measurement, taken in a process of its own.

    Attributes:
        title: its heading on the page.
        peers: the packages that it is compared with.
        minutes: how long it may take.
        small: the arguments of its function that make it show only that everything runs.
    """

    title: str
    peers: tuple[str, ...] = ()
    minutes: float = 15
    small: Mapping[str, Any] = _SMALL


ROWS: dict[str, Row] = {
    "steps": Row("A training step beside TorchJD's", ("torch", "torchjd"), minutes=30),
    "libmtl": Row("A training step beside LibMTL's", ("torch", "torchjd", "LibMTL")),
    "floor": Row("A training step beside one forward and m backwards"),
    "temporaries": Row("Memory of a Gram step"),
    "trades": Row("Cheaper Gramians, and how far they lead away"),
    "toy": Row("The toy figure beside TorchJD", ("torch", "torchjd")),
    "tables": Row("Embedding tables", minutes=30, small={"rows": (800, 8000)}),
    "throughput": Row(
        "Training throughput beside DeepCTR-Torch and torch-rechub",
        ("torch", "deepctr_torch", "torch_rechub"),
    ),
    "per_example": Row("Per-example objectives beside autogram", ("torch", "torchjd")),
    "sweeps": Row("Sweeps in one program", small={"rounds": 1}),
    "devices": Row("Several devices and processes", small={}),
    "imports": Row("Start-up"),
}
"""Name of a module beside this one, and of its function that measures -> the row."""
