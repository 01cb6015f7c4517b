"""The toy figure: five starts, 50,000 steps a method, beside the same loop with TorchJD."""

import time
from collections.abc import Callable
from typing import Any

import optax

import moo
from benchmarks.speed._result import Result, result, table
from benchmarks.speed._trunk import METHODS, OPTIONS

STEPS, TIMED = 50_000, 300
RATE = 1e-3
_FLOOR = 5e-6  # of the logarithms


def toy(*, small: bool = False) -> Result:
    """Draw all paths with moo, and time some steps of one path with TorchJD."""
    steps, timed, methods = (200, 20, METHODS[:1]) if small else (STEPS, TIMED, METHODS)
    problem = moo.problem("two_task_toy")
    starts = problem.starts
    found = {
        name: (_seconds(lambda name=name: _trajectory(problem, name, steps)),
               _torchjd_step(name, starts, timed) * steps * len(starts))
        for name in methods
    }  # fmt: skip
    rows = [(name, *_texts(ours, theirs)) for name, (ours, theirs) in found.items()]
    sums = [sum(column) for column in zip(*found.values(), strict=True)]
    rows.append(("all", *_texts(*sums)))
    columns = ("method", "moo s", "TorchJD s, scaled", "ratio")
    title = f"{len(starts)} starts × {steps:,} steps"
    return result({"ratio": sums[1] / sums[0]}, [table(title, columns, rows)], (), [_NOTE])


def _texts(ours: float, theirs: float) -> tuple[str, str, str]:
    return f"{ours:.2f}", f"{theirs:,.0f}", f"{theirs / ours:.0f}"


def _trajectory(problem: moo.problems.Problem, name: str, steps: int) -> moo.Trajectory:
    tx = moo.optimizer(name, optax.adam(RATE), num_objectives=2, **OPTIONS.get(name, {}))
    return moo.run(problem, tx, steps=steps, every=max(1, steps // 500), label=name)


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _torchjd_step(name: str, starts: Any, timed: int) -> float:
    """Return the mean seconds of a step along the first path, after a few untimed ones."""
    import torch
    from torchjd.autojac import backward, jac_to_grad

    from benchmarks.speed._torchjd_steps import AGGREGATORS

    torch.set_num_threads(1)  # two numbers give no work to a second
    point = torch.tensor(starts[0], dtype=torch.float32, requires_grad=True)
    optimizer, aggregator = torch.optim.Adam([point], lr=RATE), AGGREGATORS[name](2)

    def step() -> None:
        backward(_torch_losses(point))
        jac_to_grad([point], aggregator)
        optimizer.step()
        optimizer.zero_grad()

    for _ in range(5):
        step()
    return _seconds(lambda: [step() for _ in range(timed)]) / timed


def _torch_losses(point: Any) -> Any:
    import torch

    a, b = point
    t = torch.tanh(b)
    l1 = torch.log(torch.clamp(torch.abs(0.5 * (-a - 7) + t), min=_FLOOR)) + 6
    l2 = torch.log(torch.clamp(torch.abs(0.5 * (-a + 3) - t + 2), min=_FLOOR)) + 6
    bowl = 0.1 * (b + 8) ** 2
    q1, q2 = ((a - 7) ** 2 + bowl) / 10 - 20, ((a + 7) ** 2 + bowl) / 10 - 20
    c1, c2 = torch.clamp(torch.tanh(b / 2), min=0), torch.clamp(torch.tanh(-b / 2), min=0)
    return torch.stack([0.1 * (l1 * c1 + q1 * c2), l2 * c1 + q2 * c2])


_NOTE = (
    f"Adam at {RATE:g}. moo: `moo.run`, from the call to the trajectory, compilation included, "
    f"every method in turn. TorchJD: the same problem and loop for {TIMED} steps of one start, on "
    "one thread, which is the faster here, scaled to all steps and starts."
)
