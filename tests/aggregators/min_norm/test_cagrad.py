import jax.numpy as jnp
import numpy as np
import pytest

import moo


def test_rescale_of_the_code_divides_by_one_plus_c_squared():
    jac = moo.stacked_jacobian(jnp.array([[1.0, 0.2], [-0.8, 0.9]]))
    updates = []
    for rescale in ("paper", "code"):
        tx = moo.cagrad(2, c=0.5, rescale=rescale)
        updates.append(np.asarray(tx.update(jac, tx.init(jnp.zeros(2)))[0]))
    np.testing.assert_allclose(updates[0], 1.25 * updates[1], rtol=1e-6)


def test_wrong_options():
    with pytest.raises(ValueError, match=r"rescale must be one of paper, code, got 'toy'"):
        moo.cagrad(2, rescale="toy")
    for c in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=r"c must be finite and at least 0, got"):
            moo.cagrad(2, c=c)
    with pytest.raises(TypeError, match="c must be a number, got str 'a'"):
        moo.cagrad(2, c="a")
