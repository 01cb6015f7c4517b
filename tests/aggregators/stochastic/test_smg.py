import numpy as np

import moo
from tests.aggregators.follow import ROWS, follow


def test_it_is_mgda():
    update, state = follow(moo.smg(2), ROWS)
    np.testing.assert_allclose(update[0], [0.137408, 0.535452, -0.212469], atol=2e-6)
    np.testing.assert_allclose(state.weights, [0.520782, 0.479218], atol=2e-6)
