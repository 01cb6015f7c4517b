"""GradVac: the cosine that it sets, its start as PCGrad, and its targets."""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import moo
from papers._draws import cosines, directions, jacobians
from papers._paper import Settings


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {**first_step(settings["draws"]), **targets(settings["draws"])}


def first_step(draws: int) -> dict[str, float]:
    """Compare the first step, whose targets are 0, with PCGrad's."""
    pairs = jacobians(draws, 2, 4)
    away = directions("gradvac", pairs) - directions("pcgrad", pairs)
    sizes = np.linalg.norm(pairs, axis=(1, 2))
    return {"off_pcgrad": (np.linalg.norm(away, axis=-1) / sizes).max()}


def targets(draws: int, decay: float = 0.1, steps: int = 20) -> dict[str, float]:
    """Check the cosine after a correction, and the targets after steps of constant cosines."""
    pairs = jacobians(draws, 2, 4)
    tx = moo.aggregator("gradvac", num_objectives=2, decay=decay)

    def corrected(matrix: jax.Array, target: jax.Array) -> jax.Array:
        # A target of -1 leaves the second gradient alone, so that v - g_2 is the first, corrected.
        state = tx.init(matrix[0])
        wanted = jnp.array([[0.0, target], [-1.0, 0.0]])
        state = state._replace(inner=state.inner._replace(targets=wanted))
        return tx.update(moo.stacked_jacobian(matrix), state, matrix[0])[0] - matrix[1]

    def repeated(matrix: jax.Array) -> jax.Array:
        def step(state: Any, _: None) -> tuple[Any, None]:
            return tx.update(moo.stacked_jacobian(matrix), state, matrix[0])[1], None

        state, _ = jax.lax.scan(step, tx.init(matrix[0]), length=steps)
        return state.inner.targets[0, 1]

    seen = cosines(pairs[:, 0], pairs[:, 1])
    wanted = seen + (0.99 - seen) * np.random.default_rng(0).uniform(0.01, 1, len(pairs))
    raised = np.asarray(jax.jit(jax.vmap(corrected))(pairs, wanted))
    average = np.asarray(jax.jit(jax.vmap(repeated))(jnp.asarray(pairs)))
    return {
        "off_the_target": np.abs(cosines(raised, pairs[:, 1]) - wanted).max(),
        "off_the_average": np.abs(average - seen * (1 - (1 - decay) ** steps)).max(),
    }


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("gradvac"))
