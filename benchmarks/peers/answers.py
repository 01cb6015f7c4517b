"""One answer of each package for one Jacobian: the direction, and the weights where it has some."""

import importlib
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import moo
from benchmarks.peers.cases import LOSSES, OBJECTIVES, PARAMETERS


class Answer(NamedTuple):
    """A direction v, shape (d,), and its weights, shape (m,), or None; in float64."""

    v: np.ndarray
    weights: np.ndarray | None


Answers = Callable[[np.ndarray], list[Answer]]


def of_moo(aggregator: Any) -> Answers:
    """Answer by an aggregator of moo: one compiled program for a whole stack."""

    def one(J: jax.Array) -> tuple[jax.Array, jax.Array]:
        jac = moo.stacked_jacobian(J, losses=jnp.asarray(LOSSES))
        v, state = aggregator.update(jac, aggregator.init(J[0]), J[0])
        weights = moo.find(state, "weights") if aggregator.linear else None
        return v, jnp.full(OBJECTIVES, jnp.nan) if weights is None else weights

    run = jax.jit(jax.vmap(one))

    def answers(stack: np.ndarray) -> list[Answer]:
        pairs = zip(*(np.asarray(x, np.float64) for x in run(stack)), strict=True)
        return [Answer(v, w if np.isfinite(w).all() else None) for v, w in pairs]

    return answers


def of_torchjd(name: str, **options: Any) -> Answers:
    """Answer by an aggregator of TorchJD, new for each Jacobian: some of them remember."""
    torch = importlib.import_module("torch")
    aggregation = importlib.import_module("torchjd.aggregation")

    def one(J: np.ndarray) -> Answer:
        torch.manual_seed(0)
        aggregator, kept = getattr(aggregation, name)(**options), []
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


def of_scalarizer(name: str, **options: Any) -> Answers:
    """Answer by a scalarizer of TorchJD: the gradient weights are those of its value."""
    torch = importlib.import_module("torch")
    scalarization = importlib.import_module("torchjd.scalarization")
    tensors = {key: torch.tensor(value) if isinstance(value, list) else value
               for key, value in options.items()}  # fmt: skip

    def one(J: np.ndarray) -> Answer:
        losses = torch.tensor(LOSSES, requires_grad=True)
        scalar = getattr(scalarization, name)(**tensors)(losses)
        (weights,) = torch.autograd.grad(scalar, losses)
        return Answer(_double(weights) @ J.astype(np.float64), _double(weights))

    return lambda stack: [_tried(one, J) for J in stack]


def of_libmtl(name: str, **options: Any) -> Answers:
    """Answer by a weighting of LibMTL on linear losses, whose Jacobian is given."""
    torch = importlib.import_module("torch")
    base = getattr(_libmtl(), name)

    class Linear(base):
        def get_share_params(self) -> list[Any]:
            return [self.x]

        def zero_grad_share_params(self) -> None:
            self.x.grad.zero_()

    def one(J: np.ndarray) -> Answer:
        torch.manual_seed(0)
        model = Linear()
        model.x = torch.zeros(PARAMETERS, requires_grad=True)
        model.task_num, model.device, model.rep_grad, model.epoch = OBJECTIVES, "cpu", False, 0
        model.init_param()
        losses = torch.tensor(J) @ model.x + torch.tensor(LOSSES)
        model.backward(losses, **options)
        return Answer(_double(model.x.grad), None)

    return lambda stack: [_tried(one, J) for J in stack]


def _libmtl() -> Any:
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
