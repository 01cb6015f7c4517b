"""
Methods compared
================

Ranks, profiles, and criteria side by side. The numbers are made up, to show the figures.
"""

# %%
# Critical differences
# --------------------
# Mean ranks over problems, and bars over those that Nemenyi's test does not tell apart. Raw scores
# are ranked here; mean ranks with a critical difference from elsewhere do as well.

import numpy as np

import moo

METHODS = ("linear", "MGDA", "PCGrad", "CAGrad", "Nash-MTL", "UPGrad")
rng = np.random.default_rng(4)
skill = np.array([0.0, 0.5, 0.3, -0.1, -0.7, -0.9])
scores = dict(zip(METHODS, skill[:, None] + rng.normal(size=(6, 24)), strict=True))
figure, axes = moo.plotting.plot_critical_difference(scores)

# %%
# Differences from a baseline
# ---------------------------
# Ranks do not say how much. Paired differences do, problem by problem; within the shaded margin,
# fixed before the runs, a difference does not matter.

problems = ("shop", "short videos", "census", "coats")
seeds = -0.01 * skill[1:, None, None] + rng.normal(scale=0.004, size=(5, 4, 10))
mean, error = seeds.mean(axis=-1), seeds.std(axis=-1, ddof=1) / np.sqrt(10)
low, high = mean - 2.26 * error, mean + 2.26 * error  # 95 % by Student's t of ten seeds
figure, axes = moo.plotting.plot_differences(
    mean, low, high, rows=problems, groups=METHODS[1:], margin=0.002, width="text",
    label="AUC minus that of linear, better →",
)  # fmt: skip

# %%
# Where problems differ in one number, the same along it says from where on a method pays.

figure, axes = moo.plotting.plot_along(
    mean[:3], low[:3], high[:3], at=(0.0025, 0.015, 0.09, 0.56), groups=METHODS[1:4], margin=0.002,
    labels=("rate of conversions", "AUC minus that of linear, better →"), width="text",
)  # fmt: skip

# %%
# Performance profiles
# --------------------
# The share of problems that a method solves within a factor of the cheapest; a run that fails costs
# infinitely much, and stays in the count.

costs = {label: 1000 * np.exp(values) for label, values in scores.items()}
costs["MGDA"][:5] = np.inf
figure, axes = moo.plotting.plot_profiles(costs, cost="backward passes")

# %%
# Targets reached
# ---------------
# The same by absolute cost, over all targets of all problems.

targets = {label: values[:, None] * np.geomspace(0.3, 30, 10) for label, values in costs.items()}
figure, axes = moo.plotting.plot_profiles(targets, "ecdf", cost="backward passes")

# %%
# Few criteria
# ------------
# Outward is better; the caption says what centre and rim are.

criteria = ("click AUC", "buy AUC", "watch RMSE", "log loss", "calibration")
higher = (True, True, False, False, False)
results = {
    "linear": [0.71, 0.66, 1.30, 0.45, 0.030],
    "MGDA": [0.68, 0.69, 1.50, 0.47, 0.020],
    "UPGrad": [0.72, 0.68, 1.20, 0.44, 0.025],
}
figure, axes = moo.plotting.plot_radar(results, criteria, higher_is_better=higher)

# %%
# More criteria
# -------------
# Above six, parallel axes are easier to read than a radar.

figure, axes = moo.plotting.plot_parallel(results, criteria, higher_is_better=higher)
