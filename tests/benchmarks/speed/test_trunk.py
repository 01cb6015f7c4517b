import jax
import numpy as np
import pytest

from benchmarks.speed._trunk import RATE, Shape, draw, jax_arrays, lowered, objectives
from benchmarks.speed.floor import floor
from benchmarks.speed.temporaries import temporaries

pytestmark = pytest.mark.usefixtures("unoptimised")

SHAPE = Shape(6, 5, 3)


def test_objectives_are_those_of_numpy():
    data = draw(SHAPE)
    hidden = data.inputs
    for kernel in data.kernels[:-1]:
        hidden = np.maximum(hidden @ kernel, 0)
    expected = ((hidden @ data.kernels[-1] - data.targets) ** 2).mean(axis=0)
    params, batch = jax_arrays(data)
    np.testing.assert_allclose(objectives(params, *batch), expected, rtol=1e-5)


def test_the_step_that_is_timed_follows_the_aggregate():
    data = draw(SHAPE)
    params, batch = jax_arrays(data)
    gradient = jax.grad(lambda p: objectives(p, *batch).mean())(params)
    expected = [p - RATE * g for p, g in zip(params, gradient, strict=True)]
    program, tx = lowered("mean", data, SHAPE.m)
    after, _, _ = program.compile()(params, tx.init(params), *batch)
    for one, other in zip(after, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_floor_and_temporaries_give_what_the_bars_judge():
    found = floor(small=True)
    assert found["values"].keys() == {"rows", "two_pass"}
    assert min(found["values"].values()) > 0
    assert [row[0] for row in found["tables"][0]["rows"]] == [
        "upgrad, m = 2", "one row at a time, m = 2", "two passes, m = 2",
    ]  # fmt: skip
    sizes = temporaries(small=True)
    assert sizes["values"]["m16"] > 0
    assert sizes["values"]["m64"] is None
