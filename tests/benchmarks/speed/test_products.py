import math

import jax
import pytest

from benchmarks.speed._products import Rates, gigaflops
from benchmarks.speed._trunk import Shape, draw, jax_arrays, objectives

SHAPE = Shape(6, 5, 3)


def test_the_floor_counts_the_products_of_a_forward_and_m_backward_passes():
    params, batch = jax_arrays(draw(SHAPE))

    def passes(params):
        losses, pull = jax.vjp(lambda p: objectives(p, *batch), params)
        return [pull(row) for row in jax.numpy.eye(len(losses))]

    whole = [size for size in _dots(jax.make_jaxpr(passes)(params).jaxpr) if size == 5 * 6 * 6]
    assert Rates(xla=2.0, torch=1.0).floor(SHAPE) == len(whole)


def test_operations_a_second():
    assert gigaflops(SHAPE, 1e-6) == pytest.approx(2 * 5 * 6 * 6 / 1e3)


def _dots(program):
    """Yield the multiplications of each product."""
    for eqn in program.eqns:
        if eqn.primitive.name == "dot_general":
            ((left, _), _) = eqn.params["dimension_numbers"]
            shape = eqn.invars[0].aval.shape
            yield math.prod(shape[axis] for axis in left) * eqn.outvars[0].aval.size
