"""Normalised, gated experts in a hierarchy of groups."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models.multitask._home_layers import ExpertSet, SelfMixture
from tests.models.multitask.networks import gradients, small, softmax, touched

pytestmark = pytest.mark.usefixtures("unoptimised")

GROUPS = ((2, 0), (1,))
INPUTS = jax.random.normal(jax.random.key(0), (40, 6))


def expert_set(**options):
    given = {"num_experts": 2, "rank": 3, "dropout": 0.0, "batch_norm": False}
    return ExpertSet(6, (5,), **given | options, rngs=nnx.Rngs(1))


@pytest.mark.parametrize(("batch_norm", "axis"), [(False, -1), (True, 0)])
def test_experts_are_swish_of_normalised_units(batch_norm, axis):
    experts = expert_set(batch_norm=batch_norm)
    found = np.asarray(experts(INPUTS), np.float64)
    x = np.asarray(INPUTS, np.float64)
    gate = x @ experts.down.kernel[...] @ experts.up.kernel[...]
    x = x * 2 / (1 + np.exp(-gate))
    for number, layers in enumerate(experts.experts):
        linear = layers[0].linear
        units = x @ linear.kernel[...] + linear.bias[...]
        units -= units.mean(axis=axis, keepdims=True)
        units /= np.sqrt((units**2).mean(axis=axis, keepdims=True) + layers[0].norm.epsilon)
        np.testing.assert_allclose(
            found[:, number], units / (1 + np.exp(-units)), rtol=1e-3, atol=1e-4
        )


def test_a_feature_gate_of_zero_changes_nothing():
    experts, plain = expert_set(), expert_set()
    experts.up.kernel[...] = jnp.zeros((3, 6))
    plain.down.kernel[...] = jnp.zeros((6, 3))
    np.testing.assert_allclose(experts(INPUTS), plain(INPUTS), rtol=1e-6)


@pytest.mark.parametrize("num_own", [1, 2])
def test_own_experts_count_twice(num_own):
    mixture = SelfMixture(6, num_own, num_own + 1, nnx.Rngs(0))
    own = jax.random.normal(jax.random.key(1), (40, num_own, 4))
    other = jax.random.normal(jax.random.key(2), (40, 1, 4))
    x = np.asarray(INPUTS, np.float64)
    scores = x @ np.asarray(mixture.self_gate.kernel[...])
    again = softmax(scores) if num_own > 1 else 1 / (1 + np.exp(-scores))
    shares = softmax(x @ np.asarray(mixture.gate.kernel[...]))
    every = np.concatenate((own, other), axis=1)
    expected = np.einsum("ne,new->nw", shares, every) + np.einsum("ne,new->nw", again, own)
    np.testing.assert_allclose(mixture(INPUTS, own, [other]), expected, rtol=1e-4, atol=1e-5)


def test_groups_keep_their_second_level_to_themselves():
    rows = gradients(small("home", num_tasks=3, groups=GROUPS))["groups"]
    for index, tasks in enumerate(GROUPS):
        for task in range(3):
            member = task in tasks
            assert touched(rows[index]["task_experts"], task) is member
            assert touched(rows[index]["mixture"], task) is member
            assert touched(rows[index]["experts"], task)
        for place, task in enumerate(tasks):
            own = rows[index]["tasks"][place]
            assert [touched(own, other) for other in range(3)] == [t == task for t in range(3)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": ((0,),)}, "each of the 2 tasks once"),
        ({"groups": ((0, 1), (1,))}, "each of the 2 tasks once"),
        ({"groups": ((0, 1), ())}, "not be empty"),
        ({"hidden": ()}, "hidden must name at least one width"),
        ({"rank": 0}, "rank must be at least 1"),
        ({"num_experts": 0}, "num_experts must be at least 1"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        small("home", **options)
