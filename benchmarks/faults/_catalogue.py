"""The faults by name, none of them imported before it is done."""

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from benchmarks.faults._finding import Finding, Plan


class Fault(NamedTuple):
    """A fault that can be run at will.

    Attributes:
        module: of `benchmarks.faults`.
        function: in it; takes a plan and yields findings, and says what is counted.
        times: how many by default.
    """

    module: str
    function: str
    times: int


FAULTS = {
    "run-kills": Fault("_kills", "run_kills", 100),
    "sweep-kills": Fault("_kills", "sweep_kills", 100),
    "report-kills": Fault("_kills", "report_kills", 10),
    "full-disk": Fault("_storage", "full_disk", 100),
    "read-only": Fault("_storage", "read_only", 3),
    "truncation": Fault("_damage", "truncation", 0),
    "bit-flips": Fault("_damage", "bit_flips", 1000),
    "two-runners": Fault("_sharing", "two_runners", 10),
    "worker-order": Fault("_sharing", "worker_order", 9),
    "hash-seed": Fault("_sharing", "hash_seed", 5),
}


def find(name: str, plan: "Plan") -> Iterator["Finding"]:
    """Do a fault and yield what was found; a sweep that does not end well is a finding too."""
    from benchmarks.faults._finding import Finding
    from benchmarks.faults._processes import FailedError

    fault = FAULTS[name]
    module = importlib.import_module(f"benchmarks.faults.{fault.module}")
    try:
        yield from getattr(module, fault.function)(plan)
    except FailedError as error:
        yield Finding(name, broken=[str(error)])
