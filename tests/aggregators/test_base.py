import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators._base import GramState, LossState
from moo.aggregators._solvers._solution import Solution
from tests.helpers.core import (
    assert_close,
    batch,
    by_loss,
    compiled,
    mean,
    min_norm,
    network,
    objectives,
    preferred,
    signature,
    unit_rows,
)

ROWS = jnp.array([[3.0, 0.0], [0.0, -0.5]])
JAC = moo.stacked_jacobian(ROWS, losses=jnp.array([1.0, 3.0]))
POINT = jnp.zeros(2)


def test_weights_from_losses_are_arithmetic():
    update, state = by_loss(2).update(JAC, by_loss(2).init(POINT))
    assert isinstance(state, LossState)
    np.testing.assert_array_equal(state.weights, [0.25, 0.75])
    np.testing.assert_array_equal(update, [0.75, -0.375])


def test_weights_from_the_gramian_are_arithmetic():
    update, state = compiled(lambda: min_norm().update(JAC, min_norm().init(POINT)))
    assert isinstance(state, GramState)
    share = 0.25 / 9.25
    np.testing.assert_allclose(state.weights, [share, 1 - share], rtol=1e-6)
    np.testing.assert_allclose(update, [3 * share, -0.5 * (1 - share)], rtol=1e-6)
    np.testing.assert_allclose(state.gram.matrix, [[9, 0], [0, 0.25]], rtol=1e-6)


@pytest.mark.parametrize("build", [unit_rows, by_loss, mean])
@pytest.mark.parametrize("gram", ["rows", "jvp"])
def test_law_of_linear(build, gram):
    agg = build()
    assert agg.linear

    @jax.jit
    def look(params, data):
        jac = moo.jacobian(objectives, params, data, gram=gram)
        update, state = agg.update(jac, agg.init(params))
        return update, jac.combine(state.weights)

    assert_close(*look(network(), batch()))


@pytest.mark.parametrize("build", [unit_rows, by_loss])
@pytest.mark.parametrize(
    ("param", "label", "solver"),
    [
        (jnp.float32, jnp.float32, jnp.float32),
        (jnp.bfloat16, jnp.float32, jnp.float32),
        (jnp.float32, jnp.float64, jnp.float32),
        (jnp.float64, jnp.float32, jnp.float64),
        (jnp.float64, jnp.float64, jnp.float64),
    ],
)
def test_state_never_changes_its_form(x64, build, param, label, solver):
    agg, params, data = build(), network(dtype=param), batch(dtype=label)
    state = agg.init(params)
    update, after = jax.eval_shape(
        lambda: agg.update(moo.jacobian(objectives, params, data), state)
    )
    assert signature(after) == signature(state)
    assert state.weights.dtype == solver
    assert {x.dtype for x in jax.tree.leaves(update)} == {jnp.dtype(param)}


def test_one_compilation_over_steps():
    traces = []
    agg = unit_rows()

    @jax.jit
    def step(params, state):
        traces.append(1)
        return agg.update(moo.jacobian(objectives, params, batch()), state)

    state = agg.init(network())
    for _ in range(3):
        _, state = step(network(), state)
    assert len(traces) == 1


def test_losses_and_gram_arrive_in_the_solver_dtype(x64):
    seen = []

    def weigh(gram, losses, state, *, active):
        seen.extend([gram.cosines.dtype, gram.norms.dtype, losses.dtype, active.dtype])
        return losses, state

    agg = moo.from_gram(3, lambda params, dtype: seen.append(dtype) or (), weigh)
    params = network(dtype=jnp.float32)
    jac = moo.jacobian(objectives, params, batch(dtype=jnp.float64))
    jax.eval_shape(lambda: agg.update(jac, agg.init(params)))
    assert seen == [jnp.float32, jnp.float32, jnp.float32, jnp.float32, jnp.dtype(bool)]


def _told(answer):
    def weigh(gram, losses, state, *, active):
        return answer, state

    return moo.from_gram(2, lambda params, dtype: (), weigh)


def test_a_solution_brings_its_certificate():
    given = Solution(jnp.array([0.5, 0.5]), jnp.float32(0.125), jnp.array(False))
    _, state = _told(given).update(JAC, _told(given).init(POINT))
    assert state.residual == 0.125
    assert not state.converged


def test_plain_weights_count_as_exact():
    _, state = _told(jnp.ones(2)).update(JAC, _told(jnp.ones(2)).init(POINT))
    assert state.residual == 0
    assert state.converged


@pytest.mark.parametrize("bad", [jnp.nan, jnp.inf])
def test_non_finite_weights_are_never_called_converged(bad):
    weights = jnp.array([1.0, bad])
    for answer in (weights, Solution(weights, jnp.float32(0), jnp.array(True))):
        _, state = _told(answer).update(JAC, _told(answer).init(POINT))
        assert not state.converged


def test_weights_of_inactive_objectives_are_zero_whatever_weigh_says():
    jac = moo.stacked_jacobian(ROWS, active=jnp.array([False, True]))
    update, state = _told(jnp.full(2, 7.0)).update(jac, _told(jnp.ones(2)).init(POINT))
    np.testing.assert_array_equal(state.weights, [0, 7])
    np.testing.assert_array_equal(update, [0, -3.5])


def test_weigh_is_told_what_is_active():
    seen = []

    def weigh(losses, state, *, active):
        seen.append(np.asarray(active).tolist())
        return jnp.ones(2), state

    agg = moo.from_losses(2, lambda p, dtype: (), weigh)
    for active in (None, jnp.array([True, False])):
        agg.update(moo.stacked_jacobian(ROWS, jnp.ones(2), active=active), agg.init(POINT))
    assert seen == [[True, True], [True, False]]


def test_losses_are_none_for_a_matrix_without_losses():
    seen = []

    def weigh(gram, losses, state, *, active):
        seen.append(losses)
        return jnp.ones(2), state

    agg = moo.from_gram(2, lambda p, dtype: (), weigh)
    agg.update(moo.stacked_jacobian(ROWS), agg.init(POINT))
    assert seen == [None]


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"weigh must return weights of shape \(2,\), got \(3,\)"):
        _told(jnp.ones(3)).update(JAC, _told(jnp.ones(3)).init(POINT))


def test_extras_go_to_those_who_name_them():
    chain = optax.chain(preferred(), optax.sgd(1.0))
    given = {"preference": jnp.array([1.0, 2.0]), "value": 3.0, "temperature": 4.0}
    update, _ = chain.update(JAC, chain.init(POINT), POINT, **given)
    np.testing.assert_array_equal(update, [-3, 1])
    assert_close(
        by_loss(2).update(JAC, by_loss(2).init(POINT), **given)[0], jnp.array([0.75, -0.375])
    )


@pytest.mark.parametrize("given", [{}, {"preferences": jnp.ones(2)}, {"preference": None}])
def test_a_missing_extra_is_named_with_its_shape(given):
    with pytest.raises(ValueError, match=r"preference is missing:.*preference=, shape \(2,\)"):
        preferred().update(JAC, preferred().init(POINT), **given)


def test_optional_extras_and_catch_alls_need_not_come():
    seen = []

    def weigh(losses, state, *, active, scale=2.0, **rest):
        seen.append((scale, rest))
        return jnp.full(2, scale), state

    agg = moo.from_losses(2, lambda p, dtype: (), weigh)
    agg.update(JAC, agg.init(POINT))
    agg.update(JAC, agg.init(POINT), scale=3.0, other=1)
    assert seen == [(2.0, {}), (3.0, {})]


def test_another_number_of_objectives_says_what_to_build():
    sentence = (
        "num_objectives is 3, but the objectives return 2 losses: build the aggregator with "
        "num_objectives=2"
    )
    for agg in (unit_rows(3), by_loss(3)):
        with pytest.raises(ValueError, match=sentence):
            agg.update(JAC, agg.init(POINT))


@pytest.mark.parametrize("given", [ROWS[0], {"a": ROWS[0]}, None])
def test_gradients_are_no_jacobian(given):
    for agg in (unit_rows(2), by_loss(2)):
        with pytest.raises(TypeError, match=r"updates must be a moo.Jacobian, got .*: build it"):
            agg.update(given, agg.init(POINT))


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (0, ValueError, "num_objectives must be at least 1, got 0"),
        (-1, ValueError, "num_objectives must be at least 1, got -1"),
        (2.0, TypeError, "num_objectives must be an int, got float"),
        ("2", TypeError, "num_objectives must be an int, got str"),
        (True, TypeError, "num_objectives must be an int, got bool"),
        (None, TypeError, "num_objectives must be an int, got NoneType"),
    ],
)
def test_num_objectives_of_another_kind_is_refused(number, error, message):
    for build in (unit_rows, by_loss):
        with pytest.raises(error, match=message):
            build(number)


def test_num_objectives_may_come_from_numpy():
    assert by_loss(np.int64(2)).num_objectives == 2


@pytest.mark.parametrize("build", [unit_rows, by_loss])
@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"a": jnp.ones(2), "ids": jnp.arange(2)}, TypeError, r"params\['ids'\] has dtype int32"),
        ({}, ValueError, "params has no leaf"),
    ],
)
def test_init_checks_the_parameters(build, params, error, message):
    with pytest.raises(error, match=message):
        build(2).init(params)


def test_an_aggregator_is_an_optax_pair():
    agg = by_loss(2)
    assert isinstance(agg, optax.GradientTransformationExtraArgs)
    init, update = agg
    assert (init, update) == (agg.init, agg.update)
    assert (agg.num_objectives, agg.linear, agg.needs) == (2, True, "losses")
    assert unit_rows().needs == "gram"


def test_updates_map_over_a_batch_of_parameters():
    stack = jax.tree.map(lambda *x: jnp.stack(x), *[network(seed) for seed in range(3)])
    agg = unit_rows()

    def look(params):
        return agg.update(moo.jacobian(objectives, params, batch()), agg.init(params))

    mapped = jax.jit(jax.vmap(look))(stack)
    alone = jax.jit(look)(jax.tree.map(lambda x: x[1], stack))
    assert_close(jax.tree.map(lambda x: x[1], mapped), alone, rtol=1e-4, atol=1e-5)
