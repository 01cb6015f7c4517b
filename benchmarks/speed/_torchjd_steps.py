"""The same training step with TorchJD, in each way that its documentation offers."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torchjd import aggregation
from torchjd.autogram import Engine
from torchjd.autojac import backward, jac_to_grad

from benchmarks.speed._trunk import RATE, Data

AGGREGATORS: Mapping[str, Callable[[int], Any]] = {
    "mgda": lambda m: aggregation.MGDA(),
    "pcgrad": lambda m: aggregation.PCGrad(),
    "cagrad": lambda m: aggregation.CAGrad(c=0.4),
    "imtl_g": lambda m: aggregation.IMTLG(),
    "aligned_mtl": lambda m: aggregation.AlignedMTL(),
    "upgrad": lambda m: aggregation.UPGrad(),
    "nash_mtl": lambda m: aggregation.NashMTL(n_tasks=m),
}
PARALLEL, ONE_BY_ONE = "autojac", "autojac, one by one"
SUMMED, GRAMIAN = "autojac, Gramians summed", "autogram"
WAYS = (PARALLEL, ONE_BY_ONE, SUMMED, GRAMIAN)
_FOR_MATRICES = (PARALLEL, ONE_BY_ONE)  # all that its NashMTL, which takes the Jacobian, can use


class Way(NamedTuple):
    """How TorchJD takes a step, and on how many threads."""

    name: str
    threads: int

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.name}; threads: {self.threads}"


def ways(method: str) -> tuple[str, ...]:
    """Return the ways that a method has."""
    return _FOR_MATRICES if method == "nash_mtl" else WAYS


def torch_step(method: str, way: Way, data: Data) -> Callable[[], Any]:
    """Return a call that takes the next training step."""
    model, inputs, targets = torch_model(data)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    aggregator = AGGREGATORS[method](data.targets.shape[1])
    differentiate = _differentiation(model, aggregator, way.name)

    def call() -> None:
        torch.set_num_threads(way.threads)
        losses = (model(inputs) - targets).square().mean(dim=0)
        differentiate(losses)
        optimizer.step()
        optimizer.zero_grad()

    return call


def _differentiation(model: Any, aggregator: Any, name: str) -> Callable[[Any], None]:
    params = list(model.parameters())
    if name == GRAMIAN:
        # Each loss is a mean over the batch, so the engine has no batch dimension to use.
        engine, weighting = Engine(model, batch_dim=None), aggregator.gramian_weighting
        return lambda losses: losses.backward(weighting(engine.compute_gramian(losses)))
    chunk = 1 if name == ONE_BY_ONE else None
    options = {"optimize_gramian_computation": True} if name == SUMMED else {}

    def differentiate(losses: Any) -> None:
        backward(losses, parallel_chunk_size=chunk)
        jac_to_grad(params, aggregator, **options)

    return differentiate


def torch_model(data: Data) -> tuple[Any, Any, Any]:
    """Return the model of a step row, its inputs and its targets."""
    layers: list[Any] = []
    for kernel in data.kernels:
        linear = torch.nn.Linear(*kernel.shape, bias=False)
        linear.weight.data = torch.from_numpy(kernel.T.copy())
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1]), *map(torch.from_numpy, (data.inputs, data.targets))
