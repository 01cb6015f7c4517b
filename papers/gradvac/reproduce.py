"""GradVac: the cosine that it sets, its start as PCGrad, and its targets."""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

import moo
from moo.plotting import OKABE_ITO
from moo.plotting._panels import one_panel, shared_legend
from papers._draws import Array, cosines, directions, jacobians
from papers._paper import Settings

DECAY = 0.1
LIGHT_AND_DARK = OKABE_ITO[4], OKABE_ITO[1]
TX = moo.aggregator("gradvac", num_objectives=2, decay=DECAY)


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {**first_step(settings["draws"]), **targets(settings["draws"])}


def first_step(draws: int) -> dict[str, float]:
    """Compare the first step, whose targets are 0, with PCGrad's."""
    pairs = jacobians(draws, 2, 4)
    away = directions("gradvac", pairs) - directions("pcgrad", pairs)
    sizes = np.linalg.norm(pairs, axis=(1, 2))
    return {"off_pcgrad": (np.linalg.norm(away, axis=-1) / sizes).max()}


def targets(draws: int, steps: int = 20) -> dict[str, float]:
    """Check the cosine after a correction, and the targets after steps of constant cosines."""
    pairs = jacobians(draws, 2, 4)
    seen = cosines(pairs[:, 0], pairs[:, 1])
    wanted = seen + (0.99 - seen) * np.random.default_rng(0).uniform(0.01, 1, len(pairs))
    raised = np.asarray(jax.jit(jax.vmap(corrected))(pairs, wanted))
    repeated = np.broadcast_to(pairs[:, None], (draws, steps, 2, 4))
    average = np.asarray(jax.jit(jax.vmap(followed))(repeated))[:, -1]
    return {
        "off_the_target": np.abs(cosines(raised, pairs[:, 1]) - wanted).max(),
        "off_the_average": np.abs(average - seen * (1 - (1 - DECAY) ** steps)).max(),
    }


def corrected(matrix: jax.Array, target: jax.Array) -> jax.Array:
    """Return the first of two gradients, corrected for a target."""
    # A target of -1 leaves the second gradient alone, so that v - g_2 is the first, corrected.
    state = TX.init(matrix[0])
    wanted = jnp.array([[0.0, target], [-1.0, 0.0]])
    state = state._replace(inner=state.inner._replace(targets=wanted))
    found: jax.Array = TX.update(moo.stacked_jacobian(matrix), state, matrix[0])[0]
    return found - matrix[1]


def followed(matrices: jax.Array) -> jax.Array:
    """Return the target after each of the steps, (steps,), for gradients (steps, 2, d)."""

    def step(state: Any, matrix: jax.Array) -> tuple[Any, jax.Array]:
        _, state = TX.update(moo.stacked_jacobian(matrix), state, matrix[0])
        return state, state.inner.targets[0, 1]

    found: jax.Array = jax.lax.scan(step, TX.init(matrices[0, 0]), matrices)[1]
    return found


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw cosines before and after, where gradients agree at first and conflict later."""
    pairs = _stream(settings["stream"])
    targets = np.r_[0.0, np.asarray(jax.jit(followed)(pairs))[:-1]]
    after = cosines(np.asarray(jax.jit(jax.vmap(corrected))(pairs, targets)), pairs[:, 1])
    dots = {"gradients": cosines(pairs[:, 0], pairs[:, 1]), "after GradVac": after}
    with moo.plotting.style():
        figure, axes = one_panel([*dots, "target", "PCGrad's least"], "column")
        for (label, found), mark, color in zip(dots.items(), "ox", LIGHT_AND_DARK, strict=True):
            axes.plot(found, mark, color=color, label=label, markersize=3.2)
        axes.plot(targets, color="black", label="target")
        axes.axhline(0, color="#777777", label="PCGrad's least")
        axes.set(xlabel="step", ylabel="cosine of two gradients", xlim=(0, len(pairs)))
        shared_legend(figure, axes)
        figure.freeze()
    return {"targets": figure}


def _stream(steps: int, dim: int = 20) -> Array:
    """Return noisy gradients (steps, 2, dim) of cosine about 0.5, from the middle on -0.5."""
    rng = np.random.default_rng(1)
    cosine = np.where(np.arange(steps) < steps / 2, 0.5, -0.5)
    pairs = 0.15 * rng.normal(size=(steps, 2, dim))
    pairs[:, 0, 0] += 1
    pairs[:, 1, :2] += np.column_stack([cosine, np.sqrt(1 - cosine**2)])
    return pairs


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("gradvac"))
