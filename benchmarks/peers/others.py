"""One answer of TorchJD or LibMTL for one Jacobian, new for each: some of them remember."""

import importlib
import importlib.machinery
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.answers import Answer, Answers
from benchmarks.peers.cases import LOSSES, PARAMETERS, halves


def of_torchjd(name: str, **options: Any) -> Answers:
    """Answer by an aggregator of TorchJD; a list among the options becomes a tensor."""
    aggregation, tensors = importlib.import_module("torchjd.aggregation"), _tensors(options)

    def one(J: np.ndarray) -> Answer:
        torch = _seeded()
        aggregator, kept = getattr(aggregation, name)(**tensors), []
        weighting = getattr(aggregator, "weighting", getattr(aggregator, "gramian_weighting", None))
        if weighting is not None:
            weighting.register_forward_hook(lambda module, args, out: kept.append(out))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            v = _double(aggregator(torch.tensor(J)))
        weights = _double(kept[-1]) if kept else None
        # ConFIG's weighting is its preference, and not what v is made of.
        linear = weights is not None and np.allclose(weights @ J, v, rtol=1e-3, atol=1e-6)
        return Answer(v, weights if linear else None)

    return lambda stack: [_tried(one, J) for J in stack]


def of_weighting(
    name: str, *, base: str | None = None, batches: int = 1, **options: Any
) -> Answers:
    """Answer by a weighting of TorchJD that reads J J', or J_1 J_2' of two batches."""
    aggregation, tensors = importlib.import_module("torchjd.aggregation"), _tensors(options)

    def one(J: np.ndarray) -> Answer:
        torch = _seeded()
        wrapped = [] if base is None else [getattr(aggregation, base)()]
        left, right = map(torch.tensor, halves(J) if batches == 2 else (J, J))
        weights = _double(getattr(aggregation, name)(*wrapped, **tensors)(left @ right.T))
        return Answer(weights @ J.astype(np.float64), weights)

    return lambda stack: [_tried(one, J) for J in stack]


def of_scalarizer(name: str, **options: Any) -> Answers:
    """Answer by a scalarizer of TorchJD: the gradient weights are those of its value."""
    scalarization, tensors = importlib.import_module("torchjd.scalarization"), _tensors(options)

    def one(J: np.ndarray) -> Answer:
        torch = _seeded()
        losses = torch.tensor(LOSSES[: len(J)], requires_grad=True)
        scalar = getattr(scalarization, name)(**tensors)(losses)
        (weights,) = torch.autograd.grad(scalar, losses)
        return Answer(_double(weights) @ J.astype(np.float64), _double(weights))

    return lambda stack: [_tried(one, J) for J in stack]


def of_libmtl(name: str, *, epoch: int = 0, **options: Any) -> Answers:
    """Answer by a weighting of LibMTL on linear losses, whose Jacobian is given."""
    base = getattr(libmtl(), name)

    class Linear(base):
        def get_share_params(self) -> list[Any]:
            return [self.x]

        def zero_grad_share_params(self) -> None:
            self.x.grad.zero_()

    def one(J: np.ndarray) -> Answer:
        torch, model = _seeded(), Linear()
        model.x = torch.zeros(PARAMETERS, requires_grad=True)
        model.task_num, model.device, model.rep_grad, model.epoch = len(J), "cpu", False, epoch
        model.train_loss_buffer = LOSSES[: len(J), None]
        model.init_param()
        losses = torch.tensor(J) @ model.x + torch.tensor(LOSSES[: len(J)])
        model.backward(losses, **options)
        return Answer(_double(model.x.grad), None)

    return lambda stack: [_tried(one, J) for J in stack]


def libmtl() -> Any:
    """Import LibMTL's weightings alone: the package itself imports its trainers."""
    if "LibMTL" not in sys.modules:
        package = types.ModuleType("LibMTL")
        spec = importlib.machinery.PathFinder.find_spec("LibMTL")
        if spec is None or spec.origin is None:
            raise ImportError("LibMTL is not installed")
        package.__path__ = [str(Path(spec.origin).parent)]
        sys.modules["LibMTL"] = package
    return importlib.import_module("LibMTL.weighting")


def _tried(one: Callable[[np.ndarray], Answer], J: np.ndarray) -> Answer:
    """Answer NaN where the peer's numerics raise; a mistake in calling it must not pass for one."""
    try:
        return one(J)
    except (ArithmeticError, RuntimeError, ValueError):
        return Answer(np.full(PARAMETERS, np.nan), None)


def _double(tensor: Any) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float64)


def _tensors(options: dict[str, Any]) -> dict[str, Any]:
    torch = importlib.import_module("torch")
    return {
        key: torch.tensor(value) if isinstance(value, list) else value
        for key, value in options.items()
    }


def _seeded() -> Any:
    torch = importlib.import_module("torch")
    torch.manual_seed(0)
    return torch
