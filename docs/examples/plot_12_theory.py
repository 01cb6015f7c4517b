r"""
What theorems promise, measured
===============================

Theorems on stochastic multi-objective methods speak of the bias of a direction, of rates, regret,
stability and weights that are Lipschitz. ``moo.diagnostics.theory`` measures each of these for any
method, with the Monte-Carlo error beside it. Here it is put to work on ``noisy_quadratics``: two
quadratics of opposite curvature in ten dimensions, every entry of whose gradients has unit noise.
"""

# %%
# The bias of a direction
# -----------------------
# Weights that are computed from the gradients they multiply follow their noise. What is left of it
# in the mean, :math:`\| E\,v(\hat J) - v(J) \|`, with bars of two standard errors, at a point
# beside the Pareto set. A power of the batch size is fitted where the bias is clear of noise at two
# sizes or more; UPGrad's is not.

import jax
import matplotlib.pyplot as plt
import numpy as np

import moo
from moo.diagnostics import theory

problem = moo.problem("noisy_quadratics")
point = 0.5 * problem.starts[0] + 0.5 * problem.pareto_set(5)[1]
key = jax.random.key(0)
ONE_BATCH = {"mgda": moo.mgda(2), "upgrad": moo.upgrad(2)}
SIZES = (6, 48)

figure, axes = plt.subplots(figsize=(4.6, 3.4))
for marker, (name, method) in zip("os", ONE_BATCH.items(), strict=True):
    found = theory.direction_bias(problem, method, point, key=key, batch_sizes=SIZES, draws=1000)
    axes.errorbar(SIZES, found.bias, 2 * found.error, marker=marker, capsize=2, label=name)
    print(f"{name}: power {found.fit.exponent:.2f} [{found.fit.low:.2f}, {found.fit.high:.2f}]")
axes.set(xscale="log", yscale="log", xlabel="batch size", ylabel="bias of the direction")
axes.set_xticks(SIZES, labels=map(str, SIZES))
axes.set_xticks((), minor=True)
axes.legend(fontsize="small")
figure.tight_layout()

# %%
# Where it comes from
# -------------------
# For weights w the bias is :math:`\sum_i \mathrm{Cov}(w_i, \hat g_i)`, apart from what the mean
# weights do. Two independent batches tell: with the weights of one and the gradients of the other
# the covariance is nothing but noise: the open marks. SDMGrad's third batch rests on this, and
# MoDo's where it has one; MoDo's two batches make the slope of its multipliers unbiased.

figure, axes = plt.subplots(figsize=(4.6, 3.4))
for at, (name, method) in enumerate(ONE_BATCH.items()):
    found = theory.weight_covariance(problem, method, point, key=key, batch_size=6, draws=2000)
    parts = (found.same, found.error, "gradients of the same batch"), (
        found.other, found.other_error, "gradients of another")  # fmt: skip
    for side, (entry, error, label) in enumerate(parts):
        axes.errorbar(
            np.arange(problem.dim) + 0.12 * (2 * at + side), entry, 2 * error, fmt="os"[at],
            color=f"C{at}", mfc=f"C{at}" if side == 0 else "white", label=f"{name}, {label}",
        )  # fmt: skip
axes.axhline(0, color="0.6", linewidth=0.8, zorder=0)
axes.set(xlabel="coordinate of the direction", ylabel="covariance of weights and gradients")
axes.legend(fontsize="x-small")
figure.tight_layout()

# %%
# Stationarity and conflict avoidance
# -----------------------------------
# A run is to end where the shortest combination of the exact gradients vanishes, and is to keep
# near that combination on its way. Means over runs of growing length, steps of
# :math:`T^{-1/2}`; MoDo's multipliers learn at that rate too. In stationarity the methods do not
# differ here; MoDo keeps nearest to conflict avoidance.

METHODS = {
    "mgda": lambda horizon: moo.mgda(2),
    "modo": lambda horizon: moo.modo(2, gamma=horizon**-0.5, rho=0.0),
    "mean": lambda horizon: moo.mean(2),
}
HORIZONS = (30, 95, 300, 949)
runs = {
    name: theory.convergence(
        problem, method, rate=lambda horizon: horizon**-0.5, key=key, horizons=HORIZONS, seeds=8
    )
    for name, method in METHODS.items()
}
labels = ("horizon T", "mean squared gap to stationarity")
moo.plotting.plot_rate(
    {name: found.gap for name, found in runs.items()}, HORIZONS, dropped=0.0, labels=labels
)

# %%
labels = ("horizon T", "mean squared distance from conflict avoidance")
moo.plotting.plot_rate(
    {name: found.avoidance for name, found in runs.items()}, HORIZONS, dropped=0.0, labels=labels
)

# %%
# Regret
# ------
# In a stream of rounds a method is to lose no more than :math:`\sqrt T` to the best fixed point.
# The regret of min-norm weights, which follow every round, grows faster; held near a prior by an L1
# penalty (DR-OMMD) it does not.

online = moo.problem("online_quadratics")
ROUNDS = (50, 158, 500, 1581)
regrets = {
    name: theory.regret(
        online, lambda rounds, method=method: method, rate=lambda rounds: rounds**-0.5, key=key,
        comparators=online.pareto_set(101), rounds=ROUNDS, seeds=8,
    )
    for name, method in {"mgda": moo.mgda(2), "dr_ommd": moo.dr_ommd(2, alpha=4.0),
                         "mean": moo.mean(2)}.items()
}  # fmt: skip
found = {name: one.regret for name, one in regrets.items()}
moo.plotting.plot_rate(found, ROUNDS, dropped=0.0, labels=("rounds T", "regret"), reference=0.5)

# %%
# Descent
# -------
# At 400 points beside the Pareto set: does no loss rise along the exact direction, and for how long
# a step? Equal weights raise a loss wherever the gradients conflict enough, and so does CAGrad,
# which promises descent of the mean. UPGrad's direction lowers both, but for shorter steps than
# the min-norm one.

rng = np.random.default_rng(0)
points = problem.pareto_set(400) + 0.05 * rng.normal(size=(400, problem.dim))
STEPS = np.geomspace(0.01, 10, 25)

figure, axes = plt.subplots(figsize=(4.6, 3.4))
for marker, name in zip("os^D", ("mean", "mgda", "cagrad", "upgrad"), strict=True):
    method = moo.aggregator(name, num_objectives=2)
    longest = theory.descent_certificate(problem, method, points, steps=STEPS).longest
    share = (longest[:, None] >= STEPS * (1 - 1e-6)).mean(axis=0)
    axes.errorbar(STEPS, share, 2 * np.sqrt(share * (1 - share) / len(points)),
                  marker=marker, markersize=4, label=name)  # fmt: skip
axes.set(xscale="log", xlabel="length of the step", ylabel="share of points where no loss rises")
axes.legend(fontsize="small")
figure.tight_layout()

# %%
# Weights near collinear gradients
# --------------------------------
# Convergence proofs for learned weights take them to be Lipschitz in the gradients. Min-norm
# weights are not: of two equal gradients one takes all the weight as soon as it is shorter by half
# the square of their angle. IMTL-G's are: of
# two gradients they see the lengths alone.

ANGLES = (0.3, 0.1, 0.03, 0.01)
figure, axes = plt.subplots(figsize=(4.6, 3.4))
for marker, name in zip("os", ("mgda", "imtl_g"), strict=True):
    found = theory.weight_sensitivity(
        problem, moo.aggregator(name, num_objectives=2), point, key=key, angles=ANGLES, ratio=1.0
    )
    axes.errorbar(ANGLES, found.weights.mean(axis=0), 2 * found.error, marker=marker, capsize=2,
                  label=f"{name}: power {found.fit.exponent:.2f}")  # fmt: skip
axes.set(xscale="log", yscale="log", xlabel="angle between the gradients",
         ylabel="weights' change per change")  # fmt: skip
axes.legend(fontsize="small")
figure.tight_layout()

# %%
# Stability
# ---------
# Two runs on training sets that differ in one sample: the mean distance of their ends, times the
# losses' Lipschitz constant, bounds how far training losses flatter. It falls about as one over the
# size for all three; MoDo's twins end farthest apart.

SAMPLES = (16, 64, 256)
apart = {
    name: theory.replacement_stability(
        problem, method, key=key, rate=lambda size: 0.1, sizes=SAMPLES, steps=200, seeds=10
    ).distance
    for name, method in {"mgda": moo.mgda(2), "modo": moo.modo(2, gamma=0.01, rho=0.0),
                         "mean": moo.mean(2)}.items()
}  # fmt: skip
moo.plotting.plot_rate(
    apart, SAMPLES, dropped=0.0, labels=("samples n", "distance of twin runs"), reference=-1.0
)
