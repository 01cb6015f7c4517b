"""Every problem of the registry keeps the same promises."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo.problems


@pytest.fixture(scope="module", params=sorted(moo.problems.PROBLEMS))
def built(request):
    return moo.problems.problem(request.param)


def test_record_shapes(built):
    m, dim = built.num_objectives, built.dim
    assert built.starts.ndim == 2
    assert built.starts.shape[1] == dim
    assert built.pareto_set(7).shape == (7, dim)
    assert built.pareto_front(7).shape == (7, m)
    assert built.pareto_set(7).dtype == built.pareto_front(7).dtype == np.float64
    assert len(built.objective_names) == m
    assert built.source
    assert built.name in moo.problems.PROBLEMS


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_objectives_follow_the_dtype_under_jit_vmap_and_jacobian(built, dtype):
    x = jnp.asarray(built.starts, dtype)
    losses = jax.jit(jax.vmap(built.objectives))(x)
    rows = jax.jit(jax.vmap(jax.jacrev(built.objectives)))(x)
    assert losses.shape == (len(x), built.num_objectives)
    assert losses.dtype == rows.dtype == dtype
    assert not losses.weak_type
    assert np.isfinite(np.asarray(rows, np.float32)).all()


def test_front_is_the_image_of_the_set(built, x64):
    with_jax = jax.jit(jax.vmap(built.objectives))(jnp.asarray(built.pareto_set(101)))
    np.testing.assert_allclose(with_jax, built.pareto_front(101), rtol=1e-12, atol=1e-12)


def test_front_points_do_not_dominate_each_other(built):
    front = built.pareto_front(101)
    no_worse = (front[:, None] <= front[None] + 1e-12).all(axis=2)
    better = (front[:, None] < front[None] - 1e-9).any(axis=2)
    assert not (no_worse & better).any()


def test_gradients_are_opposite_or_zero_on_the_set(built, x64):
    points = jnp.asarray(built.pareto_set(101))
    rows = jax.jit(jax.vmap(jax.jacrev(built.objectives)))(points)
    g1, g2 = np.moveaxis(np.asarray(rows), 1, 0)
    product = np.linalg.norm(g1, axis=1) * np.linalg.norm(g2, axis=1)
    np.testing.assert_allclose(np.sum(g1 * g2, axis=1), -product, atol=1e-9)


def test_the_set_is_at_distance_zero_from_itself(built):
    assert built.distance_to_set(built.pareto_set(333)).max() < 1e-6


def test_unknown_name_names_the_nearest():
    with pytest.raises(ValueError, match=r"'two_task_toi'.*two_task_toy"):
        moo.problems.problem("two_task_toi")


def test_a_name_is_a_str():
    with pytest.raises(TypeError, match="problem name must be a str, got int"):
        moo.problems.problem(3)


def test_unknown_option_names_those_there_are():
    with pytest.raises(TypeError, match="two_task_toy has no option sale; it takes scale, setting"):
        moo.problems.problem("two_task_toy", sale=1.0)


def test_listing_needs_no_jax():
    code = "import sys, moo.problems; moo.problems.PROBLEMS; assert 'jax' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
