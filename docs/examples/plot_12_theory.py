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
import numpy as np

import moo
from moo.diagnostics import theory

problem = moo.problem("noisy_quadratics")
point = 0.5 * problem.starts[0] + 0.5 * problem.pareto_set(5)[1]
key = jax.random.key(0)
ONE_BATCH = {"mgda": moo.mgda(2), "upgrad": moo.upgrad(2)}
SIZES = (6, 48)

biases = {
    name: theory.direction_bias(problem, method, point, key=key, batch_sizes=SIZES, draws=1000)
    for name, method in ONE_BATCH.items()
}
moo.plotting.plot_bias(biases)

# %%
# Where it comes from
# -------------------
# For weights w the bias is :math:`\sum_i \mathrm{Cov}(w_i, \hat g_i)`, apart from what the mean
# weights do. Two independent batches tell: with the weights of one and the gradients of the other
# the covariance is nothing but noise: the open marks. SDMGrad's third batch rests on this, and
# MoDo's where it has one; MoDo's two batches make the slope of its multipliers unbiased.

covariances = {
    name: theory.weight_covariance(problem, method, point, key=key, batch_size=6, draws=2000)
    for name, method in ONE_BATCH.items()
}
moo.plotting.plot_covariance(covariances)

# %%
# Stationarity and conflict avoidance
# -----------------------------------
# A run is to end where the shortest combination of the exact gradients vanishes, and is to keep
# near that combination on its way. Means over runs of growing length, steps of
# :math:`T^{-1/2}`; MoDo's multipliers learn at that rate too. In stationarity the methods do not
# differ here; MoDo keeps nearest to conflict avoidance.

METHODS = {
    "mgda": moo.mgda(2),
    "modo": lambda horizon: moo.modo(2, gamma=horizon**-0.5, rho=0.0),
    "mean": moo.mean(2),
}
HORIZONS = (30, 95, 300, 949)
runs = {
    name: theory.convergence(
        problem, method, rate=lambda horizon: horizon**-0.5, key=key, horizons=HORIZONS, seeds=8
    )
    for name, method in METHODS.items()
}
moo.plotting.plot_convergence(runs)

# %%
moo.plotting.plot_convergence(runs, quantity="avoidance")

# %%
# Regret
# ------
# In a stream of rounds a method is to lose no more than :math:`\sqrt T` to the best fixed point.
# Here a round is one sample: the regret of min-norm weights, which follow each, grows faster; held
# near a prior by an L1 penalty (DR-OMMD) it does not.

online = moo.problem("online_quadratics")
ROUNDS = (50, 158, 500, 1581)
regrets = {
    name: theory.regret(
        online, method, rate=lambda rounds: rounds**-0.5, key=key,
        comparators=online.pareto_set(101), rounds=ROUNDS, seeds=8,
    )
    for name, method in {"mgda": moo.mgda(2), "dr_ommd": moo.dr_ommd(2, alpha=4.0),
                         "mean": moo.mean(2)}.items()
}  # fmt: skip
moo.plotting.plot_regret(regrets)

# %%
# Descent
# -------
# At 400 points beside the Pareto set: does no loss rise along the exact direction, and up to which
# step size? Equal weights raise a loss wherever the gradients conflict enough, and so does CAGrad,
# which promises descent of the mean. UPGrad's direction lowers both, but for smaller step sizes
# than the min-norm one, which is shorter.

rng = np.random.default_rng(0)
points = problem.pareto_set(400) + 0.05 * rng.normal(size=(400, problem.dim))
STEPS = np.geomspace(0.01, 10, 25)

certificates = {
    name: theory.descent_certificate(
        problem, moo.aggregator(name, num_objectives=2), points, steps=STEPS
    )
    for name in ("mean", "mgda", "cagrad", "upgrad")
}
moo.plotting.plot_descent(certificates)

# %%
# Weights near collinear gradients
# --------------------------------
# Convergence proofs for learned weights take them to be Lipschitz in the gradients. Min-norm
# weights are not: of two equal gradients one takes all the weight as soon as it is shorter by half
# the square of their angle. IMTL-G's are: of two gradients they see the lengths alone.

jumps = {
    name: theory.weight_sensitivity(
        problem, moo.aggregator(name, num_objectives=2), point, key=key, ratio=1.0
    )
    for name in ("mgda", "imtl_g")
}
moo.plotting.plot_sensitivity(jumps)

# %%
# Stability
# ---------
# Two runs on training sets that differ in one sample: the mean distance of their ends, times the
# losses' Lipschitz constant, bounds how far training losses flatter. It falls about as one over the
# size for all three; MoDo's twins end farthest apart.

twins = {
    name: theory.replacement_stability(
        problem, method, key=key, rate=0.1, sizes=(16, 64, 256), steps=200, seeds=10
    )
    for name, method in {"mgda": moo.mgda(2), "modo": moo.modo(2, gamma=0.01, rho=0.0),
                         "mean": moo.mean(2)}.items()
}  # fmt: skip
moo.plotting.plot_stability(twins, width="text")
