"""Backward passes of many objectives, for which dense layers' inputs are transposed once."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, JaxprEqn

from moo._jacobian._walk import Value, evaluate, is_manual, typed, walk
from moo._types import Array, Params, PyTree

# A smaller kernel is not worth a second look at the function, nor a smaller product a copy.
_KERNEL = 2**12
_PRODUCT = 2**20
# Not the checkpointed parts: what they let go is not to be held.
_ENTERED = ("jit", "pjit", "closed_call", "core_call")


class Pullback(NamedTuple):
    """The pullback of objectives, as it is best for one cotangent and for many in turn."""

    once: Callable[[Array], PyTree]
    often: Callable[[Array], PyTree]


class Dense(NamedTuple):
    """A dense layer $y = x W$: which parameter is its kernel, and the operation."""

    leaf: int
    eqn: JaxprEqn

    def gradient(self, inputs: Array, cotangent: Array, *, turned: bool) -> Array:
        r"""Return the kernel's gradient $x^\top d$ from $x$, or turned, from $x^\top$."""
        rows = cotangent.reshape(-1, cotangent.shape[-1])
        axes = ((int(turned),), (0,)), ((), ())
        return lax.dot_general(inputs, rows, axes, precision=self.eqn.params["precision"])


def vjp(
    fn: Callable[[Params], tuple[Array, PyTree]], params: Params
) -> tuple[Array, Pullback, PyTree]:
    r"""Return `jax.vjp(fn, params, has_aux=True)` with a pullback that is quick when called often.

    The gradient $x^\top d$ of a kernel has a first operand that lies transposed in memory, for
    which XLA's products on a CPU take 1.2 to 1.9 times as long. A copy of $x^\top$ spares them
    this, and serves every objective. Elsewhere, and for small layers, nothing is changed.
    """
    # Under shard_map the sum over devices belongs to the transpose of the function as a whole.
    looked_at = jax.default_backend() == "cpu" and not is_manual()
    if looked_at and any(_is_kernel(leaf) for leaf in jax.tree.leaves(params)):
        program, out = _traced(fn, params)
        if program is not None and (layers := _layers(program)):
            return _vjp_by_layers(program, layers, params, out)
    losses, back, aux = jax.vjp(fn, params, has_aux=True)

    def pull(weights: Array) -> PyTree:
        return back(weights)[0]

    return losses, Pullback(pull, pull), aux


def _traced(
    fn: Callable[[Params], tuple[Array, PyTree]], params: Params
) -> tuple[ClosedJaxpr | None, Any]:
    """Return a function's program and the structure of its outputs; None where it has none."""
    leaves, tree = jax.tree.flatten(params)

    def flat(*leaves: Array) -> tuple[Array, PyTree]:
        losses, aux = fn(jax.tree.unflatten(tree, leaves))
        if not all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(aux)):
            raise TypeError("what is no array would come back as one")
        return losses, aux

    try:
        program, out = jax.make_jaxpr(flat, return_shape=True)(*leaves)
    except TypeError:  # it looks at values, which outside of jit is allowed, or is at fault itself
        return None, None
    return program, jax.tree.structure(out)


def _vjp_by_layers(
    program: ClosedJaxpr, layers: Sequence[Dense], params: Params, out: Any
) -> tuple[Array, Pullback, PyTree]:
    leaves, tree = jax.tree.flatten(params)

    def tapped(given: list[Array], taps: list[Array]) -> tuple[Array, tuple[PyTree, list[Array]]]:
        outputs, inputs = _evaluate(program, leaves, given, taps)
        losses, aux = jax.tree.unflatten(out, outputs)
        return losses, (aux, inputs)

    taps = [jnp.zeros_like(typed(layer.eqn.outvars[0])) for layer in layers]
    losses, back, (aux, inputs) = jax.vjp(tapped, leaves, taps, has_aux=True)
    straight = [x.reshape(-1, x.shape[-1]) for x in inputs]
    turned = [lax.optimization_barrier(x.T) for x in straight]

    def pull(weights: Array, operands: list[Array], *, turned: bool) -> PyTree:
        gradients, cotangents = back(weights)
        for layer, operand, cotangent in zip(layers, operands, cotangents, strict=True):
            gradients[layer.leaf] += layer.gradient(operand, cotangent, turned=turned)
        return jax.tree.unflatten(tree, gradients)

    once = functools.partial(pull, operands=straight, turned=False)
    return losses, Pullback(once, functools.partial(pull, operands=turned, turned=True)), aux


def _is_kernel(leaf: Any) -> bool:
    return jnp.ndim(leaf) == 2 and jnp.size(leaf) >= _KERNEL


def _layers(program: ClosedJaxpr) -> list[Dense]:
    """Find the dense layers of a program of the parameters, in the order of evaluation."""
    layers: list[Dense] = []

    def visit(eqn: JaxprEqn, values: list[Value]) -> None:
        leaf = _kernel_of(eqn, values)
        if leaf is not None:
            layers.append(Dense(leaf, eqn))

    def trace(*leaves: Array) -> None:
        walk(program, _tracked(leaves), visit, _ENTERED)

    jax.eval_shape(trace, *program.in_avals)
    return layers


def _evaluate(
    program: ClosedJaxpr, leaves: Sequence[Array], given: Sequence[Array], taps: Sequence[Array]
) -> tuple[list[Array], list[Array]]:
    """Evaluate a program and add a tap to the output of each of its dense layers.

    The layers read `leaves`, everything else `given`, so that derivatives with respect to `given`
    leave the layers out.

    Returns:
        The outputs, and the layers' inputs.
    """
    inputs: list[Array] = []

    def visit(eqn: JaxprEqn, values: list[Value]) -> Array | None:
        leaf = _kernel_of(eqn, values)
        if leaf is None:
            return None
        inputs.append(values[0].array)
        (output,) = evaluate(eqn, [values[0].array, leaves[leaf]])
        return output + taps[len(inputs) - 1]

    outputs = walk(program, _tracked(given), visit, _ENTERED)
    return [output.array for output in outputs], inputs


def _kernel_of(eqn: JaxprEqn, values: list[Value]) -> int | None:
    """Return the parameter W of a large product $x W$ that reads it as it stands."""
    if eqn.primitive.name != "dot_general" or values[0].leaf is not None or values[1].views:
        return None
    x, kernel, output = map(typed, (*eqn.invars, *eqn.outvars))
    product = ((len(x.shape) - 1,), (0,)), ((), ())
    plain = eqn.params["dimension_numbers"] == product and len(kernel.shape) == 2
    wide = x.dtype == kernel.dtype == output.dtype and jnp.finfo(x.dtype).bits >= 32
    large = x.size * kernel.shape[-1] >= _PRODUCT
    return values[1].leaf if plain and wide and large else None


def _tracked(leaves: Sequence[Array]) -> list[Value]:
    return [Value(leaf, number) for number, leaf in enumerate(leaves)]
