"""Training steps beside LibMTL's, whose rules take one backward pass an objective."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.peers.others import libmtl as weightings
from benchmarks.speed import _peers
from benchmarks.speed._alternate import alternate, ratio
from benchmarks.speed._result import Result, result, table
from benchmarks.speed._trunk import RATE, Data, Shape, draw, lowered, stepper

SHAPES, SMALL = (Shape(64, 256, 4), Shape(256, 2048, 4), Shape(256, 2048, 16)), (Shape(16, 32, 2),)
ROUNDS = 5
# moo's name -> LibMTL's, with the arguments that its documentation gives.
NAMES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "mgda": ("MGDA", {"mgda_gn": "none"}),
    "pcgrad": ("PCGrad", {}),
    "cagrad": ("CAGrad", {"calpha": 0.4, "rescale": 0}),
    "imtl_g": ("IMTL", {}),
}


def libmtl(*, small: bool = False) -> Result:
    """Measure what both have; there is no bar on it."""
    threads = _peers.torch_threads()
    rows = [row for shape in (SMALL if small else SHAPES) for row in _rows(shape)]
    columns = ("method, shape", "moo ms", "LibMTL ms", "ratio")
    note = f"float32, SGD, {threads} threads, {ROUNDS} rounds; the model of the steps above."
    title = "A step, and how many times longer LibMTL's takes"
    return result({}, [table(title, columns, rows)], (), [note])


def _rows(shape: Shape) -> list[tuple[str, ...]]:
    data, rows = draw(shape), []
    for name in NAMES:
        theirs = _step(name, data)
        try:
            theirs()
        except (ArithmeticError, RuntimeError, ValueError) as error:
            rows.append((f"{name}, {shape}", "–", f"fails: {error}", "–"))
            continue
        program, tx = lowered(name, data, shape.m)
        programs = {"moo": stepper(program.compile(), tx, data), "LibMTL": theirs}
        times = alternate(programs, ROUNDS)
        shown = (f"{1e3 * np.median(taken):.3g}" for taken in times.values())
        rows.append((f"{name}, {shape}", *shown, str(ratio(times["LibMTL"], times["moo"]))))
    return rows


def _step(name: str, data: Data) -> Callable[[], Any]:
    """Return a call that takes the next step, as LibMTL's trainer does."""
    import torch

    from benchmarks.speed._torchjd_steps import torch_model

    title, options = NAMES[name]
    network, inputs, targets = torch_model(data)
    rule = _rule(getattr(weightings(), title), network, data.targets.shape[1])
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)

    def step() -> None:
        optimizer.zero_grad(set_to_none=False)
        rule.backward((network(inputs) - targets).square().mean(dim=0), **options)
        optimizer.step()

    return step


def _rule(base: Any, network: Any, m: int) -> Any:
    class Rule(base):
        """The rule with what its trainer gives it: here all parameters are shared."""

        def get_share_params(self) -> list[Any]:
            return list(network.parameters())

        def zero_grad_share_params(self) -> None:
            network.zero_grad(set_to_none=False)

    rule = Rule()
    rule.task_num, rule.device, rule.rep_grad = m, "cpu", False
    rule.init_param()
    return rule
