"""Where the time of a training step goes, by programs that do more and more of it."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

import moo
from benchmarks.speed._alternate import Seconds, alternate
from benchmarks.speed._trunk import (
    DEPTH,
    Data,
    Shape,
    draw,
    jax_arrays,
    lowered,
    objectives,
    stepper,
)

PRODUCTS, PASSES, GRAMIAN, STEP = "products", "passes", "Gramian", "step"
_ROUNDS = 9
_UNROLLED = 8  # objectives, as moo's engine has it on a CPU


def step_parts(method: str, shape: Shape) -> dict[str, Seconds]:
    """Time four programs in turns, of which each does what the one before does, and more.

    Returns:
        The products of the trunk with random matrices; all passes, whose gradients are returned;
        these and the Gramian; the whole step.
    """
    data = draw(shape)
    params, batch = jax_arrays(data)
    program, tx = lowered(method, data, shape.m)

    def gram(params: Any, *batch: Any) -> Any:
        jac = moo.jacobian(objectives, params, *batch).materialize()
        return jac.losses, jac.rows(), jac.gram()

    def passes(params: Any, *batch: Any) -> Any:
        return gram(params, *batch)[:2]

    return alternate({
        PRODUCTS: _called(_products, *_matrices(data, shape)),
        PASSES: _called(passes, params, *batch),
        GRAMIAN: _called(gram, params, *batch),
        STEP: stepper(program.compile(), tx, data),
    }, _ROUNDS)  # fmt: skip


def _called(function: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    program = jax.jit(function).lower(*given).compile()
    return lambda: jax.block_until_ready(program(*given))


def _matrices(data: Data, shape: Shape) -> tuple[Any, Any, Any]:
    """Return kernels, a layer's inputs as they lie transposed, and cotangents, one an objective."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((DEPTH, shape.width, shape.batch)).astype(np.float32)
    cotangents = rng.standard_normal((shape.m, shape.batch, shape.width)).astype(np.float32)
    return jax.tree.map(jax.numpy.array, (data.kernels[:DEPTH], list(inputs), cotangents))


def _products(kernels: Any, inputs: Any, cotangents: Any) -> Any:
    """Take the products of a forward pass and of a backward pass an objective."""

    def backward(cotangent: Any) -> Any:
        return [cotangent @ k.T for k in kernels[1:]], [x @ cotangent for x in inputs]

    forward = [cotangents[0] @ kernel for kernel in kernels]
    if len(cotangents) > _UNROLLED:
        return forward, jax.lax.map(backward, cotangents)
    return forward, [backward(cotangent) for cotangent in cotangents]
