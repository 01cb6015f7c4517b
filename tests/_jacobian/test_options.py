import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.helpers.core import batch, network, objectives


def _two(x):
    return jnp.stack([x @ x, x.sum()])


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (lambda x: (x @ x, x.sum()), TypeError, r"got a tuple: stack them.*or pass has_aux=True"),
        (lambda x: (x @ x, x.sum(), x.sum()), TypeError, r"got a tuple: stack them with jnp.stack"),
        (lambda x: [x @ x, x.sum()], TypeError, r"got a list"),
        (lambda x: {"a": x @ x}, TypeError, r"got a dict"),
        (lambda x: None, TypeError, r"got a NoneType"),
        (lambda x: x @ x, ValueError, r"shape \(m,\) with m >= 1, got shape \(\)"),
        (lambda x: jnp.outer(x, x), ValueError, r"got shape \(2, 2\): reduce each"),
        (lambda x: x[:0], ValueError, r"got shape \(0,\)"),
        (lambda x: _two(x).astype(jnp.bfloat16), TypeError, "dtype bfloat16.*at least float32"),
        (lambda x: _two(x).astype(jnp.float16), TypeError, "dtype float16.*at least float32"),
        (lambda x: _two(x).astype(jnp.int32), TypeError, "dtype int32"),
        (lambda x: _two(x) + 0j, TypeError, "dtype complex64"),
    ],
)
def test_losses_of_another_kind_are_refused(returned, error, message):
    with pytest.raises(error, match=message):
        moo.jacobian(returned, jnp.ones(2))


@pytest.mark.parametrize("returned", [lambda x: _two(x), lambda x: (_two(x), 0, 0)])
def test_aux_that_did_not_come_is_named(returned):
    with pytest.raises(TypeError, match=r"has_aux=True the objectives must return \(losses, aux\)"):
        moo.jacobian(returned, jnp.ones(2), has_aux=True)


@pytest.mark.parametrize(
    ("leaf", "came"),
    [(jnp.arange(3), "int32"), (3, "int"), (True, "bool"), (jnp.ones(2) + 0j, "complex64"),
     (jax.random.key(0), "key<fry>"), ("a", "str")],
)  # fmt: skip
def test_leaves_that_are_not_float_name_their_path(leaf, came):
    params = {"head": {"table": jnp.ones(2), "ids": leaf}}
    with pytest.raises(TypeError, match=rf"params\['head'\]\['ids'\] has dtype {came}"):
        moo.jacobian(lambda p: _two(p["head"]["table"]), params)


@pytest.mark.parametrize("params", [{}, (), None, {"a": {}}])
def test_parameters_without_a_leaf_are_refused(params):
    with pytest.raises(ValueError, match="params has no leaf: give a pytree with at least one"):
        moo.jacobian(lambda p: jnp.ones(2), params)


@pytest.mark.parametrize(
    ("option", "value", "choices"),
    [
        ("engine", "loop", "auto, scan, unroll, vmap"),
        ("gram", "full", "auto, rows, two_pass, jvp"),
        ("heads", "own", "weighted, plain"),
        ("engine", None, "auto, scan, unroll, vmap"),
        ("gram", ["rows"], "auto, rows, two_pass, jvp"),
    ],
)
def test_unknown_options_list_the_known(option, value, choices):
    with pytest.raises(ValueError, match=f"{option} must be one of {choices}, got"):
        moo.jacobian(_two, jnp.ones(2), **{option: value})


def test_unknown_option_is_refused():
    with pytest.raises(TypeError, match="share"):
        moo.jacobian(_two, jnp.ones(2), share=True)


@pytest.mark.parametrize(
    ("shared", "error", "message"),
    [
        ({"trunk": True}, ValueError, "shared must be a tree prefix of params"),
        ({**dict.fromkeys("abc", False), "trunk": 1}, TypeError, "Python bools, got bool, int"),
        (jnp.array(True), TypeError, "shared must hold Python bools, got"),
        (False, ValueError, "shared selects no leaf of params"),
        (lambda p: {"a": True}, ValueError, "shared must be a tree prefix of params"),
    ],
)
def test_shared_of_another_form_is_refused(shared, error, message):
    with pytest.raises(error, match=message):
        moo.jacobian(objectives, network(), batch(), shared=shared)


@pytest.mark.parametrize(
    ("active", "came"),
    [
        (jnp.ones(2, bool), r"got bool of shape \(2,\)"),
        (jnp.ones(3), r"got float32 of shape \(3,\)"),
        (jnp.array(True), r"got bool of shape \(\)"),
        ([1, 0, 1], r"got int32 of shape \(3,\)"),
        (lambda data: data["x"].any(), r"got bool of shape \(\)"),
    ],
)
def test_active_of_another_form_is_refused(active, came):
    with pytest.raises(ValueError, match=r"active must be a bool mask of shape \(3,\), " + came):
        moo.jacobian(objectives, network(), batch(), active=active)


@pytest.mark.parametrize("weights", [jnp.ones(2), jnp.ones((3, 1)), 1.0])
def test_weights_of_another_length_are_refused(weights):
    jac = moo.jacobian(objectives, network(), batch())
    for kind in (jac, jac.materialize(), moo.stacked_jacobian(jac.rows())):
        with pytest.raises(ValueError, match=r"weights must have shape \(3,\), got"):
            kind.combine(weights)


def test_weights_may_come_from_numpy_or_as_integers():
    jac = moo.jacobian(objectives, network(), batch())
    expected = jac.combine(jnp.array([1.0, 0.0, 2.0]))
    for kind in (jac, jac.materialize()):
        for weights in (np.array([1, 0, 2]), [1, 0, 2]):
            for one, two in zip(
                jax.tree.leaves(kind.combine(weights)), jax.tree.leaves(expected), strict=True
            ):
                np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
