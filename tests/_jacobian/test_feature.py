import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.helpers.core import SHARED, M, assert_close, batch, compiled, dense, network, objectives

WEIGHTS = jnp.array([0.5, -1.0, 2.0])


def encode(params, data):
    return jnp.tanh(data["x"] @ params["trunk"]["w"]) + params["trunk"]["b"]


def decode(params, hidden, data):
    heads = jnp.stack([params["a"], params["b"], params["c"]], axis=1)
    return ((hidden @ heads - data["y"]) ** 2).mean(axis=0)


def _jac(data=None, **options):
    return moo.feature_jacobian(encode, decode, network(), data or batch(), **options)


def _feature_rows(data):
    hidden = encode(network(), data)
    return dense(compiled(jax.jacrev(lambda z: decode(network(), z, data)), hidden))


def test_losses_and_combine_are_those_of_the_whole_model():
    def look():
        both = _jac(), moo.jacobian(objectives, network(), batch())
        return [(j.losses, j.combine(WEIGHTS), j.rows(), j.losses_at(network(3))) for j in both]

    assert_close(*compiled(look))


@pytest.mark.parametrize("engine", ["scan", "unroll", "vmap"])
def test_gram_is_taken_at_the_features(engine):
    rows = _feature_rows(batch())
    gram = jax.jit(lambda: _jac(engine=engine).gram())()
    np.testing.assert_allclose(gram.matrix, rows @ rows.T, rtol=1e-5)


def test_gram_with_another_feature_jacobian():
    expected = _feature_rows(batch()) @ _feature_rows(batch(7)).T
    cross = compiled(lambda: _jac().gram(_jac(batch(7))))
    np.testing.assert_allclose(cross.matrix, expected, rtol=1e-4, atol=1e-6)


def test_gram_with_a_parameter_jacobian_is_another_statistic():
    other = moo.jacobian(objectives, network(), batch())
    for kind in (other, other.materialize()):
        with pytest.raises(TypeError, match=r"other must be a feature Jacobian, got .*Jacobian: a"):
            _jac().gram(kind)


def test_at_takes_the_features_of_another_point():
    def look():
        moved = moo.feature_jacobian(encode, decode, network(3), batch())
        return [(j.losses, j.gram(), j.combine(WEIGHTS)) for j in (_jac().at(network(3)), moved)]

    assert_close(*compiled(look))


def test_materialize_is_a_no_op():
    jac = _jac()
    assert jac.materialize() is jac


def test_plain_heads():
    options = {"shared": SHARED, "heads": "plain"}
    whole = moo.jacobian(objectives, network(), batch(), **options)
    assert_close(*compiled(lambda: [j.combine(WEIGHTS) for j in (_jac(**options), whole)]))


def test_aux_comes_from_the_encoder():
    def with_aux(params, data):
        return encode(params, data), data["x"].sum()

    jac = moo.feature_jacobian(with_aux, decode, network(), batch(), has_aux=True)
    np.testing.assert_array_equal(jac.aux, batch()["x"].sum())
    assert_close(*compiled(lambda: [jac.gram(), _jac().gram()]))


def test_an_encoder_without_the_announced_aux_is_named():
    with pytest.raises(TypeError, match=r"has_aux=True encode must return \(features, aux\), got"):
        moo.feature_jacobian(encode, decode, network(), batch(), has_aux=True)


def test_inactive_objectives_have_zero_rows():
    active = jnp.array([True, False, True])
    gram = compiled(lambda: _jac(active=active).gram())
    rows = _feature_rows(batch()) * np.array([[1], [0], [1]])
    np.testing.assert_allclose(gram.matrix, rows @ rows.T, rtol=1e-5)
    assert gram.norms[1] == 0


def test_split_gives_feature_jacobians():
    parts = _jac(batched=(True,)).split(2)
    for i, part in enumerate(parts):
        rows = _feature_rows(jax.tree.map(lambda x, i=i: x[i::2], batch()))
        np.testing.assert_allclose(compiled(part.gram).matrix, rows @ rows.T, rtol=1e-5)
    assert jax.eval_shape(lambda: parts[0].gram(parts[1])).cosines.shape == (M, M)


def test_losses_that_decode_does_not_stack_are_refused():
    with pytest.raises(TypeError, match="got a list: stack them"):
        moo.feature_jacobian(encode, lambda p, z, d: [z.sum()], network(), batch())
