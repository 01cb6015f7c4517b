import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LATER_LOSSES, LATER_ROWS, LOSSES, ROWS, take


def slopes(losses, router, penalty, pairs):
    """Differentiate the written objective, with the normaliser held fixed, by central steps."""
    total = (1 / (1 + np.exp(-router))).sum()

    def value(losses, router):
        weighted = losses / (1 + np.exp(-router))
        gaps = sum(abs(weighted[i] - weighted[j]) for i, j in pairs)
        return weighted.sum() / total + penalty * gaps

    h, axes = 1e-6, np.eye(len(losses))
    return [
        np.array([value(*plus) - value(*minus) for plus, minus in moves]) / (2 * h)
        for moves in (
            [((losses + h * e, router), (losses - h * e, router)) for e in axes],
            [((losses, router + h * e), (losses, router - h * e)) for e in axes],
        )
    ]


def test_worked_example():
    (v,), (state,) = take(moo.ldc_mtl(2), (ROWS, LOSSES))
    np.testing.assert_allclose(state.weights, [0.492689, 0.507311], rtol=2e-6)
    np.testing.assert_allclose(v, [0.086841, 0.555117, -0.195614], rtol=1e-5)
    # Adam's first moment is a tenth of the first gradient of W.
    np.testing.assert_allclose(10 * state.inner.adam[0].mu, [0.132505, 0.272874], rtol=1e-5)


def test_worked_second_step_after_plain_descent_on_the_router():
    method = moo.ldc_mtl(2)
    start = method.init(jnp.zeros(3))
    router = jnp.array([0.98675, 0.972713])
    state = start._replace(inner=start.inner._replace(router=router))
    (v,), (state,) = take(method, (LATER_ROWS, LATER_LOSSES), state=state)
    np.testing.assert_allclose(state.weights, [0.493673, 0.506299], rtol=2e-6)
    np.testing.assert_allclose(v, [-0.208832, 0.555666, 0.053155], rtol=2e-5)


@pytest.mark.parametrize(
    ("pairs", "closed"), [("chain", [(0, 2), (2, 3)]), ("all", [(0, 2), (0, 3), (2, 3)])]
)
def test_gaps_among_the_active(pairs, closed):
    """With objective 1 inactive, objectives 0 and 2 are neighbours."""
    losses, router = np.array([3.0, 9.0, 1.0, 2.0]), np.array([0.2, 0.0, 1.5, -0.3])
    active = np.array([True, False, True, True])
    method = moo.ldc_mtl(4, penalty=0.3, pairs=pairs)
    start = method.init(jnp.zeros(3))
    state = start._replace(inner=start.inner._replace(router=jnp.asarray(router, jnp.float32)))
    _, (state,) = take(method, (np.ones((4, 3)), losses), state=state, active=active)
    places = {0: 0, 2: 1, 3: 2}
    kept = [(places[i], places[j]) for i, j in closed]
    by_losses, by_router = slopes(losses[active], router[active], 0.3, kept)
    np.testing.assert_allclose(np.asarray(state.weights)[active], by_losses, rtol=1e-4)
    moments = np.asarray(state.inner.adam[0].mu)
    np.testing.assert_allclose(10 * moments[active], by_router, rtol=1e-4)
    assert moments[1] == 0
    assert float(state.inner.router[1]) == 0


def test_unknown_pairs():
    with pytest.raises(ValueError, match="pairs must be one of chain, all"):
        moo.ldc_mtl(2, pairs="ring")
