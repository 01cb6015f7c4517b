"""PCGrad: its closed form for two tasks, where it converges, and the regime of its Theorem 2."""

import sys

import numpy as np
from matplotlib.figure import Figure

import moo
from papers._draws import Array, cosines, directions, jacobians
from papers._orders import pcgrad_orders
from papers._paper import Settings
from papers._quadratics import descend, quadratics

BLUE, RED = moo.plotting.OKABE_ITO[:2]


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {
        **two_tasks(settings["draws"]),
        **convergence(settings["steps"]),
        **one_step(settings["cases"]),
        **appendix(),
        **three_tasks(),
    }


def two_tasks(draws: int) -> dict[str, float]:
    """Compare aligned tasks with the sum, and two that conflict with Eq. (7)."""
    aligned = np.abs(jacobians(draws, 3, 5))
    total = aligned.sum(axis=1)
    pairs = jacobians(draws, 2, 4)
    pairs = pairs[cosines(pairs[:, 0], pairs[:, 1]) < 0]
    v, (first, second) = directions("pcgrad", pairs), np.swapaxes(pairs, 0, 1)
    cosine = cosines(first, second)
    ratio = np.linalg.norm(first, axis=-1) / np.linalg.norm(second, axis=-1)
    closed = (1 - cosine / ratio)[:, None] * first + (1 - cosine * ratio)[:, None] * second
    squares = (1 - cosine**2) * ((first - second) ** 2).sum(axis=-1)
    sizes = np.linalg.norm(pairs, axis=(1, 2))
    return {
        "off_the_sum": np.abs(directions("pcgrad", aligned) - total).max() / np.abs(total).max(),
        "off_eq_7": (np.linalg.norm(v - closed, axis=-1) / sizes).max(),
        "off_the_length": (np.abs((v**2).sum(axis=-1) - squares) / sizes**2).max(),
    }


def convergence(steps: int) -> dict[str, float]:
    """Return how far descent ends from the optimum of the sum and from opposite gradients."""
    given = quadratics(10, 2, 4)
    points, _ = descend("pcgrad", given, steps, rate=1 / (2 * given.smoothness))
    rows = np.einsum("kmde,kme->kmd", given.hessians, points[:, -1, None] - given.centres)
    optimal = np.linalg.norm(rows.sum(axis=1), axis=-1)
    return {"off_both_ends": np.minimum(optimal, 1 + cosines(rows[:, 0], rows[:, 1])).max()}


def one_step(cases: int) -> dict[str, float]:
    """Compare one step with one of plain descent wherever Theorem 2 applies to a quadratic."""
    sizes, plain, surgery = _admissible_steps(cases)
    return {
        "worse_than_descent": (surgery - plain).max(),
        "change_by_descent": plain.min(),
        "cases": float(len(sizes)),
    }


def _admissible_steps(cases: int) -> tuple[Array, ...]:
    """Return steps t l, and the change over t |g|^2 by descent and by PCGrad."""
    rows, hessians = _steep_pairs(cases)
    total = rows.sum(axis=1)
    squares = (total**2).sum(axis=-1)
    smoothness = np.linalg.eigvalsh(hessians)[:, -1]
    curvature = np.einsum("kd,kde,ke->k", total, hessians, total) / squares
    cosine, (first, second) = cosines(rows[:, 0], rows[:, 1]), np.swapaxes(rows, 0, 1)
    lengths = np.linalg.norm(rows, axis=-1)
    similarity = 2 * lengths.prod(axis=-1) / (lengths**2).sum(axis=-1)
    xi = (1 - cosine**2) * ((first - second) ** 2).sum(axis=-1) / squares
    room = curvature - xi * smoothness
    kept = (cosine <= -similarity) & (room > 1e-3)
    rate = 2 / np.where(kept, room, 1) * (1 + np.random.default_rng(1).exponential(size=cases))
    plain = _change(rate, total, total, hessians)
    surgery = _change(rate, total, directions("pcgrad", rows), hessians)
    unit = rate * squares
    return (rate * curvature)[kept], (plain / unit)[kept], (surgery / unit)[kept]


def _steep_pairs(cases: int) -> tuple[Array, Array]:
    """Draw opposed gradients (cases, 2, 3) of unlike lengths, and Hessians of their sum."""
    rng = np.random.default_rng(0)
    frames = np.linalg.qr(rng.normal(size=(cases, 3, 3)))[0]
    cosine, ratio = rng.uniform(-1, -0.5, cases), np.exp(rng.normal(size=cases))
    mixed = np.stack([cosine, np.sqrt(1 - cosine**2)], axis=1)[:, None] @ frames[:, :2]
    rows = np.concatenate([frames[:, :1], ratio[:, None, None] * mixed], axis=1)
    turned = np.linalg.qr(rng.normal(size=(cases, 3, 3)))[0]
    spectrum = rng.uniform(0.2, 2.0, size=(cases, 1, 3))
    return rows, (turned * spectrum) @ np.swapaxes(turned, 1, 2)


def _change(rate: Array, gradient: Array, v: Array, hessians: Array) -> Array:
    linear = (gradient * v).sum(axis=-1)
    found: Array = -rate * linear + rate**2 * np.einsum("kd,kde,ke->k", v, hessians, v) / 2
    return found


def appendix() -> dict[str, float]:
    """Return |v|^2 over what the appendix's simplification makes of it."""
    rows = np.array([[1.0, 0.0], [-0.6, 0.8]])
    v = directions("pcgrad", rows[None])[0]
    return {"length_by_appendix": (v @ v) / ((1 - 0.6**2) * (rows**2).sum())}


def three_tasks() -> dict[str, float]:
    """Return how many values random orders give, and what the direction conflicts with."""
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [-0.5, -1.0]])
    found, weights = pcgrad_orders(np.tile(rows, (60, 1, 1)))
    return {
        "values": float(len(np.unique(found.round(9), axis=0))),
        "most_conflicts": float(np.sum(found @ rows.T < -1e-9, axis=1).max()),
        "least_weight": weights.min(),
    }


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what one step changes, by PCGrad in every admissible draw and by descent."""
    steps, _, surgery = _admissible_steps(settings["cases"])
    sizes = np.geomspace(0.5, 1.5 * steps.max(), 400)
    with moo.plotting.style():
        figure = Figure(figsize=(3.25, 2.5), layout="constrained")
        axes = figure.add_subplot(xscale="log", xlim=sizes[[0, -1]])
        axes.set_yscale("asinh", linear_width=1)
        axes.plot(sizes, sizes / 2 - 1, color=RED, label="descent on the sum")
        axes.plot(steps, surgery, ".", color=BLUE, label="PCGrad", rasterized=True,
                  markersize=2, markeredgewidth=0)  # fmt: skip
        axes.axvspan(sizes[0], 2, color="#e5e5e5", linewidth=0, label="no admissible case")
        axes.axhline(0, color="#555555", linewidth=0.7)
        axes.set(xlabel=r"step size $t\,\ell$", ylabel=r"change of the loss over $t\,|g|^2$")
        figure.legend(loc="outside upper center", ncols=2, markerscale=4)
    return {"steps": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("pcgrad"))
