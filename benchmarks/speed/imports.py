"""Start-up: the import of the package, and its command line's help, in fresh processes."""

import subprocess
import sys
import time

import numpy as np

from benchmarks.speed._result import Result, result, table

TIMES = 9
_IMPORT = "import time; t = time.perf_counter(); import moo; print(time.perf_counter() - t)"


def imports(*, small: bool = False) -> Result:
    """Start Python several times and take the medians."""
    times = 2 if small else TIMES
    found = {
        "import moo": [_printed() for _ in range(times)],
        "python -m moo --help": [_process("-m", "moo", "--help") for _ in range(times)],
        "python -c pass": [_process("-c", "pass") for _ in range(times)],
    }
    rows = [
        (name, f"{np.median(taken):.3f}", f"{min(taken):.3f}–{max(taken):.3f}")
        for name, taken in found.items()
    ]
    first, second, _ = (float(np.median(taken)) for taken in found.values())
    columns = ("what", "median s", "range")
    notes = [
        f"{times} fresh processes each, with warm file caches. The first is the time of the import "
        "alone; in the others the start of the interpreter is counted."
    ]
    return result({"moo": first, "help": second}, [table("Start-up", columns, rows)], (), notes)


def _printed() -> float:
    done = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, check=True)
    return float(done.stdout)


def _process(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - started
