"""FairGrad: its equation, its relatives at alpha of 0, 1 and infinity, and the toy."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import nnls

import moo
from papers._draws import Array, cosines, directions, jacobians
from papers._paper import Settings
from papers._toy import on_front, trajectory
from papers._weights import weights

ALPHAS = (1.0, 2.0, 5.0, 10.0)
SMALL = 0.02  # the alpha that stands for the limit of 0


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    draws = settings["draws"]
    found = {**solution(draws), **utility(draws), **limits(draws), **towards_zero(draws)}
    return found | (toy(settings["steps"]) if settings["steps"] else {})


def solution(draws: int) -> dict[str, float]:
    """Return how far the weights are from Gw = w^(-1/alpha), and what follows from it."""
    gradients, errors, least = jacobians(draws, 3, 5), [], []
    for alpha in ALPHAS:
        w = weights("fairgrad", gradients, alpha=alpha)
        v = np.einsum("km,kmd->kd", w, gradients)
        falls = np.einsum("kmd,kd->km", gradients, v)
        errors.append(np.abs(falls * w ** (1 / alpha) - 1).max())
        least.append(cosines(gradients, v[:, None]).min())
    small, large = (directions("fairgrad", s * gradients, alpha=2.0) for s in (1e-3, 1.0))
    return {
        "equation_error": max(errors),
        "least_cosine": min(least),
        "length_error": np.abs(small / (10 * large) - 1).max(),
    }


def utility(draws: int, tries: int = 200) -> dict[str, float]:
    """Return the largest relative gain of utility by another vector of the same length."""
    rng, gains = np.random.default_rng(0), []
    for alpha in (2.0, 5.0):
        gradients = jacobians(draws, 3, 5)
        best = _unit(directions("fairgrad", gradients, alpha=alpha))
        sizes = 10.0 ** rng.uniform(-4, 0, size=(draws, tries, 1))
        others = _unit(best[:, None] + sizes * rng.normal(size=(draws, tries, 5)))
        value = _utility(gradients, best[:, None], alpha)
        gains.append(((_utility(gradients, others, alpha) - value) / np.abs(value)).max())
    return {"utility_gain": max(gains)}


def _utility(gradients: Array, vectors: Array, alpha: float) -> Array:
    """Return sum_i (g_i'd)^(1 - alpha) / (1 - alpha) for several d, -inf where a loss rises."""
    falls = np.einsum("kmd,ktd->ktm", gradients, vectors)
    allowed = (falls > 0).all(axis=-1)
    terms = np.where(allowed[..., None], falls, 1) ** (1 - alpha) / (1 - alpha)
    return np.where(allowed, terms.sum(axis=-1), -np.inf)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def limits(draws: int) -> dict[str, float]:
    """Compare alpha = 1 with Nash-MTL, and large ones with MGDA."""
    gradients = jacobians(draws, 3, 5)
    least = directions("mgda", gradients)
    away = {a: 1 - cosines(directions("fairgrad", gradients, alpha=a), least) for a in ALPHAS}
    # The sum's root of order 1 - alpha is at most the least of m terms and at least it times
    # m^(-1 / (alpha - 1)): so the cosine with MGDA's direction is at least that factor.
    shares = [away[a].max() / (1 - 3 ** (-1 / (a - 1))) for a in ALPHAS[1:]]
    nash = cosines(directions("fairgrad", gradients, alpha=1.0), directions("nash_mtl", gradients))
    return {
        "off_nash": (1 - nash).max(),
        "share_of_bound": max(shares),
        "distance_left": away[10.0].max() / away[2.0].max(),
    }


def towards_zero(draws: int) -> dict[str, float]:
    """Compare a small alpha with the mean, and with its projection on the cone of descent."""
    gradients = np.random.default_rng(0).normal(size=(10 * draws, 3, 5))
    mean = gradients.mean(axis=1)
    v, solved = _solved(gradients)
    least = cosines(gradients, mean[:, None]).min(axis=1)
    agree, conflict = (least >= 0.1) & solved, (least <= -0.2) & solved
    projected = np.array([_projected(rows) for rows in gradients[conflict]])
    off_mean, off_projection = 1 - cosines(v, mean), 1 - cosines(v[conflict], projected)
    return {
        "off_mean_in_agreement": off_mean[agree].max(),
        "off_mean_in_conflict": off_mean[conflict].min(),
        "projection_over_mean": (off_projection / off_mean[conflict]).max(),
        "solved_in_conflict": solved[least <= -0.2].mean(),
    }


def _solved(gradients: Array) -> tuple[Array, Array]:
    """Return the directions at the small alpha, and where the equation was solved."""
    tx, nowhere = moo.fairgrad(3, alpha=SMALL), jnp.zeros(5)

    def one(rows: jax.Array) -> tuple[jax.Array, jax.Array]:
        v, state = tx.update(moo.stacked_jacobian(rows), tx.init(nowhere), nowhere)
        return v, moo.aggregators.find(state, "converged")

    v, converged = jax.jit(jax.vmap(one))(jnp.asarray(gradients))
    return np.asarray(v), np.asarray(converged)


def _projected(rows: Array) -> Array:
    """Return the nearest vector to the mean along which no loss rises, by least squares."""
    mean = rows.mean(axis=0)
    return np.asarray(mean + rows.T @ nnls(rows.T, -mean)[0])


def toy(steps: int) -> dict[str, float]:
    """Return how many starts reach the front, for alpha = 0 and above."""
    reached = [int(on_front(path).sum()) for path in _paths(steps).values()]
    return {"zero_on_front": reached[0], "others_on_front": sum(reached[1:])}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the trajectories of the toy."""
    paths, problem = _paths(settings["steps"]), moo.problem("two_task_toy")
    reached = {label: on_front(path).tolist() for label, path in paths.items()}
    drawn = moo.plotting.plot_trajectories(
        paths, problem, "objectives", reached=reached, width="column", columns=2
    )
    return {"toy": drawn[0]}


def _paths(steps: int) -> dict[str, moo.Trajectory]:
    fair = {
        f"α = {alpha:g}": trajectory("fairgrad", steps, alpha=alpha, max_norm=1.0)
        for alpha in (1.0, 2.0, 10.0)
    }
    return {"α = 0: the mean": trajectory("mean", steps), **fair}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("fairgrad"))
