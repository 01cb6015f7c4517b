import jax.numpy as jnp
import numpy as np

from benchmarks.runner._steps import OPTIMIZERS


def test_the_rate_falls_to_zero_linearly_over_the_run():
    tx = OPTIMIZERS["adam_linear"](np.float32(0.1), np.float32(4))
    state, moved = tx.init(jnp.zeros(())), []
    for _ in range(4):
        update, state = tx.update(jnp.ones(()), state)
        moved.append(float(update))
    # Adam's update of a constant gradient is its rate.
    np.testing.assert_allclose(moved, [-0.1, -0.075, -0.05, -0.025], rtol=1e-5)
