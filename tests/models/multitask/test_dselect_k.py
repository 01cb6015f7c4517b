"""Selectors by binary codes: one-hot at the ends, differentiable between."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import DSelectK, functional
from moo.models.multitask._dselect_k import smooth_step
from tests.models.multitask.networks import (
    BATCH,
    dense,
    embedded,
    gradients,
    relu_chain,
    small,
    softmax,
    tower_logit,
)

pytestmark = pytest.mark.usefixtures("unoptimised")

CODES = jnp.float32([[-9.0, 9.0], [9.0, 9.0]])  # experts 01 and 11


def with_codes(codes, **options):
    _, params, _ = functional(small("dselect_k", **options))
    params["gates"] = {task: gate | {"codes": codes} for task, gate in params["gates"].items()}
    return params


def test_smooth_step():
    x = jnp.float32([-2.0, -0.5, -0.25, 0.0, 0.25, 0.5, 2.0])
    np.testing.assert_allclose(smooth_step(x), [0, 0, 5 / 32, 0.5, 27 / 32, 1, 1], rtol=1e-6)
    slopes = jax.vmap(jax.grad(smooth_step))(x)
    np.testing.assert_allclose(slopes, [0, 0, 9 / 8, 1.5, 9 / 8, 0, 0], atol=1e-6)


def test_converged_selectors_pick_k_experts_exactly():
    gate = small("dselect_k").gates[0]
    gate.codes[...] = CODES
    shares = np.asarray(jax.nn.softmax(gate.weights[...]))
    np.testing.assert_array_equal(gate(), [0, shares[0], 0, shares[1]])
    gate.codes[...] = CODES[:1].repeat(2, axis=0)
    np.testing.assert_array_equal(np.asarray(gate()) != 0, [False, True, False, False])


def test_weights_are_shares_while_undecided():
    gate = small("dselect_k").gates[0]
    gate.codes[...] = jnp.float32([[0.2, -0.1], [0.0, 0.3]])
    weights = np.asarray(gate())
    assert (weights > 0).all()
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-6)


def test_entropy_is_zero_when_decided_and_log_four_when_not():
    np.testing.assert_array_equal(DSelectK.penalty(with_codes(CODES), entropy=1.0), 0)
    undecided = with_codes(jnp.zeros((2, 2)))
    total = DSelectK.penalty(undecided, entropy=0.5)
    np.testing.assert_allclose(total, 0.5 * 2 * 2 * np.log(4), rtol=1e-6)


def test_penalty_keeps_selectors_from_codes_of_no_expert():
    three = {"num_experts": 3}
    settled = with_codes(CODES[:1].repeat(2, axis=0), **three)
    np.testing.assert_allclose(DSelectK.penalty(settled, entropy=0.0), 2 * 2, rtol=1e-6)
    half = with_codes(jnp.zeros((2, 2)), **three)
    np.testing.assert_allclose(DSelectK.penalty(half, entropy=0.0), 2 * 2 / 0.75, rtol=1e-6)


@pytest.mark.parametrize("codes", [CODES, jnp.full((2, 2), 0.49), jnp.zeros((2, 2))])
def test_gradients_are_finite(codes):
    rows = jax.grad(DSelectK.penalty)(with_codes(codes), 1.0)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(rows))


def test_no_more_are_selected_than_there_are():
    with pytest.raises(ValueError, match="num_selected must be at most num_experts, 2, got 3"):
        small("dselect_k", num_experts=2, num_selected=3)


def spread(**options):
    """A model with gates per example, whose codes lie on both sides of the smooth step's ends."""
    model = small("dselect_k", per_example=True, **options)
    rng = np.random.default_rng(0)
    for gate in model.gates:
        for linear in (gate.codes, gate.weights):
            kernel = linear.kernel[...]
            linear.kernel[...] = jnp.asarray(rng.normal(0, 0.5, kernel.shape), kernel.dtype)
    return model


def selector(codes, num_experts):
    """r(z) of one code, expert by expert and bit by bit."""
    steps = np.asarray(smooth_step(jnp.asarray(codes)), np.float64)
    shares = []
    for expert in range(num_experts):
        bits = f"{expert:0{len(codes)}b}"
        shares.append(
            np.prod([s if bit == "1" else 1 - s for bit, s in zip(bits, steps, strict=True)])
        )
    return np.array(shares)


def chosen(gate, x, num_experts):
    """The selectors (k, E) of one row."""
    codes = dense(gate.codes, x).reshape(gate.num_selected, -1)
    return np.array([selector(code, num_experts) for code in codes])


@pytest.mark.parametrize("num_experts", [3, 4])
def test_gates_per_example_by_rows(num_experts):
    model = spread(num_experts=num_experts)
    logits, features = np.asarray(model(BATCH)), embedded(model.features)
    for row, x in enumerate(features):
        outputs = np.array([relu_chain(expert, x) for expert in model.experts])
        for task, (gate, tower) in enumerate(zip(model.gates, model.towers, strict=True)):
            shares = softmax(dense(gate.weights, x)) @ chosen(gate, x, num_experts)
            expected = tower_logit(tower, (shares @ outputs)[None])[0]
            np.testing.assert_allclose(logits[row, task], expected, rtol=1e-4, atol=1e-5)


def test_rows_choose_their_own_experts():
    model = spread()
    picked = np.asarray(model.gates[0](model.features(BATCH))) > 0
    assert len(np.unique(picked, axis=0)) > 1


@pytest.mark.parametrize("num_experts", [3, 4])
def test_the_penalty_per_example_is_a_mean_over_rows(num_experts):
    model = spread(num_experts=num_experts)
    expected = 0.0
    for x in embedded(model.features):
        for gate in model.gates:
            for shares in chosen(gate, x, num_experts):
                inner = shares[shares > 0]
                expected -= 0.3 * (inner * np.log(inner)).sum() / 15
                if num_experts == 3:
                    expected += 1 / max(shares.sum(), 1e-6) / 15
    _, params, _ = functional(model)
    found = DSelectK.penalty(params, 0.3, features=model.features(BATCH))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_penalty_per_example_needs_features():
    _, params, _ = functional(small("dselect_k", per_example=True))
    with pytest.raises(ValueError, match="features must be given for gates per example"):
        DSelectK.penalty(params)


def test_a_code_of_no_expert_leaves_all_finite():
    model = small("dselect_k", num_experts=3, per_example=True)
    for gate in model.gates:
        gate.codes.bias[...] = jnp.full(4, 9.0)
    _, params, _ = functional(model)
    value, push = jax.value_and_grad(DSelectK.penalty)(params, features=model.features(BATCH))
    np.testing.assert_allclose(value, 2 * 2 * 1e6, rtol=1e-5)
    for tree in (push, gradients(model)):
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(tree))


def test_one_expert_is_always_chosen():
    model = small("dselect_k", num_experts=1, num_selected=1, per_example=True)
    np.testing.assert_allclose(model.gates[0](model.features(BATCH)), np.ones((15, 1)))
