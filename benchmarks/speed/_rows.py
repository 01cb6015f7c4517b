"""The rows of the suite: what measures each, and where."""

from typing import NamedTuple


class Row(NamedTuple):
    """One kind of measurement, taken in a process of its own.

    Attributes:
        title: its heading on the page.
        peers: the packages that it is compared with.
        minutes: how long it may take.
    """

    title: str
    peers: tuple[str, ...] = ()
    minutes: float = 15


ROWS: dict[str, Row] = {
    "steps": Row("A training step beside TorchJD's", ("torch", "torchjd")),
    "floor": Row("A training step beside one forward and m backwards"),
    "temporaries": Row("Memory of a Gram step"),
    "toy": Row("The toy figure beside TorchJD", ("torch", "torchjd")),
    "tables": Row("Embedding tables", minutes=30),
    "throughput": Row(
        "Training throughput beside DeepCTR-Torch and torch-rechub",
        ("torch", "deepctr_torch", "torch_rechub"),
    ),
    "per_example": Row("Per-example objectives beside autogram", ("torch", "torchjd")),
    "sweeps": Row("Sweeps in one program"),
    "devices": Row("Several devices and processes"),
    "imports": Row("Start-up"),
}
"""Name of a module beside this one, and of its function that measures -> the row."""
