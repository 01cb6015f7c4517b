"""Layers as sums of outer products: dense ones, embeddings and convolutions."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn

from moo._jacobian._walk import typed
from moo._types import Array


class Factors(NamedTuple):
    r"""Each example's gradient as a sum of outer products, $g_i = \sum_t a_{it} d_{it}^\top$.

    Blocks are independent kernels stacked in one parameter, as of experts.

    Attributes:
        left: shape (n, blocks, tokens, inputs), or integer ids (n, 1, tokens, 1) that stand for
            one-hot vectors.
        right: shape (n, blocks, tokens, outputs).
    """

    left: Array
    right: Array


class Sizes(NamedTuple):
    """The sizes of one example's factors, and what an inner product of two left ones costs."""

    blocks: int
    tokens: int
    inputs: int
    outputs: int
    inner: int


class Layer(NamedTuple):
    """How one kind of operation is read; each function takes it and the parameter's position."""

    matches: Callable[[JaxprEqn, int], bool]
    sizes: Callable[[JaxprEqn, int], Sizes]
    factors: Callable[[JaxprEqn, int, Array, Array], Factors]


def _dense_axes(eqn: JaxprEqn, position: int) -> tuple[list[tuple[int, ...]], ...]:
    """Return the batch, free and contracted axes of the other operand, and of the parameter."""
    contracted, batch = eqn.params["dimension_numbers"]
    axes = []
    for side in (1 - position, position):
        taken = (*contracted[side], *batch[side])
        free = tuple(i for i in range(len(typed(eqn.invars[side]).shape)) if i not in taken)
        axes.append([tuple(batch[side]), free, tuple(contracted[side])])
    return tuple(axes)


def _dense_sizes(eqn: JaxprEqn, position: int) -> Sizes:
    other, own = _dense_axes(eqn, position)
    shapes = typed(eqn.invars[1 - position]).shape, typed(eqn.invars[position]).shape
    blocks, tokens, inputs = (math.prod(shapes[0][i] for i in axes) for axes in other)
    return Sizes(blocks, tokens, inputs, math.prod(shapes[1][i] for i in own[1]), inputs)


def _dense_factors(eqn: JaxprEqn, position: int, operand: Array, cotangent: Array) -> Factors:
    sizes = _dense_sizes(eqn, position)
    batch, free, contracted = _dense_axes(eqn, position)[0]
    left = operand.transpose(*batch, *free, *contracted)
    if position == 1:
        right = cotangent.reshape(sizes.blocks, sizes.tokens, sizes.outputs)
    else:
        right = cotangent.reshape(sizes.blocks, sizes.outputs, sizes.tokens).swapaxes(1, 2)
    return Factors(left.reshape(sizes.blocks, sizes.tokens, sizes.inputs), right)


def _is_lookup(eqn: JaxprEqn, position: int) -> bool:
    """Say whether whole rows are read along the first axis, by one id each."""
    numbers, shape = eqn.params["dimension_numbers"], typed(eqn.invars[0]).shape
    return (
        position == 0
        and numbers.collapsed_slice_dims == numbers.start_index_map == (0,)
        and not numbers.operand_batching_dims
        and tuple(eqn.params["slice_sizes"]) == (1, *shape[1:])
    )


def _lookup_sizes(eqn: JaxprEqn, position: int) -> Sizes:
    rows, *rest = typed(eqn.invars[0]).shape
    return Sizes(1, math.prod(typed(eqn.invars[1]).shape[:-1]), rows, math.prod(rest), 1)


def _lookup_factors(eqn: JaxprEqn, position: int, operand: Array, cotangent: Array) -> Factors:
    sizes, ids = _lookup_sizes(eqn, position), operand.reshape(-1)
    features = eqn.params["dimension_numbers"].offset_dims
    right = jnp.moveaxis(cotangent, features, range(-len(features), 0))
    right = right.reshape(1, sizes.tokens, sizes.outputs)
    if eqn.params["mode"] == lax.GatherScatterMode.CLIP:
        ids = jnp.clip(ids, 0, sizes.inputs - 1)
    inside = (ids >= 0) & (ids < sizes.inputs)
    return Factors(ids.reshape(1, sizes.tokens, 1), jnp.where(inside[:, None], right, 0))


def _is_convolution(eqn: JaxprEqn, position: int) -> bool:
    groups = eqn.params["batch_group_count"], eqn.params["feature_group_count"]
    return position == 1 and groups == (1, 1)


def _convolution_sizes(eqn: JaxprEqn, position: int) -> Sizes:
    numbers = eqn.params["dimension_numbers"]
    kernel, output = typed(eqn.invars[1]), typed(eqn.outvars[0])
    outputs = kernel.shape[numbers.rhs_spec[0]]
    inputs = kernel.size // outputs
    return Sizes(1, output.size // outputs, inputs, outputs, inputs)


def _convolution_factors(eqn: JaxprEqn, position: int, operand: Array, cotangent: Array) -> Factors:
    numbers, options = eqn.params["dimension_numbers"], eqn.params
    kernel, sizes = typed(eqn.invars[1]).shape, _convolution_sizes(eqn, position)
    patches = lax.conv_general_dilated_patches(
        operand,
        filter_shape=[kernel[axis] for axis in numbers.rhs_spec[2:]],
        window_strides=options["window_strides"],
        padding=options["padding"],
        lhs_dilation=options["lhs_dilation"],
        rhs_dilation=options["rhs_dilation"],
        dimension_numbers=numbers,
        precision=lax.Precision.HIGHEST,
    )

    def tokens(array: Array, features: int) -> Array:
        return jnp.moveaxis(array, numbers.out_spec[1], -1).reshape(1, sizes.tokens, features)

    return Factors(tokens(patches, sizes.inputs), tokens(cotangent, sizes.outputs))


LAYERS: dict[str, Layer] = {
    "dot_general": Layer(lambda eqn, position: True, _dense_sizes, _dense_factors),
    "gather": Layer(_is_lookup, _lookup_sizes, _lookup_factors),
    "conv_general_dilated": Layer(_is_convolution, _convolution_sizes, _convolution_factors),
}


def layout(eqn: JaxprEqn, position: int) -> Any:
    """Return what must agree for two layers' factors of one parameter to be put side by side."""
    name = eqn.primitive.name
    if name == "dot_general":
        return name, _dense_axes(eqn, position)[1]
    return name, str(eqn.params["dimension_numbers"][1]) if name != "gather" else None
