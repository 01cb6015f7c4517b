"""Figures of runs, fronts, rates and comparisons of methods, in one style.

All functions take arrays, `moo.Trajectory` objects or paths of saved ones, return
`(figure, axes)` and never recompute a run. They use no pyplot: nothing is shown, registered or
left open, and matplotlib's settings stay as they were.
"""

from moo._lazy import attach

_PUBLIC = {
    "COSINE": "moo.plotting._style",
    "OKABE_ITO": "moo.plotting._style",
    "TIME": "moo.plotting._style",
    "WIDTHS": "moo.plotting._style",
    "animate": "moo.plotting._animate",
    "plot_along": "moo.plotting._along",
    "plot_bias": "moo.plotting._theory_points",
    "plot_class_conflict": "moo.plotting._class_conflict",
    "plot_conflict": "moo.plotting._conflict",
    "plot_convergence": "moo.plotting._theory_runs",
    "plot_covariance": "moo.plotting._theory_points",
    "plot_critical_difference": "moo.plotting._ranks",
    "plot_descent": "moo.plotting._theory_points",
    "plot_differences": "moo.plotting._differences",
    "plot_front": "moo.plotting._front",
    "plot_hypervolume": "moo.plotting._hypervolume",
    "plot_losses": "moo.plotting._losses",
    "plot_molecules": "moo.plotting._molecules",
    "plot_opposition": "moo.plotting._opposition",
    "plot_parallel": "moo.plotting._parallel",
    "plot_profiles": "moo.plotting._profiles",
    "plot_radar": "moo.plotting._radar",
    "plot_rate": "moo.plotting._rate",
    "plot_rays": "moo.plotting._rays",
    "plot_regret": "moo.plotting._theory_runs",
    "plot_sensitivity": "moo.plotting._theory_points",
    "plot_stability": "moo.plotting._theory_runs",
    "plot_trajectories": "moo.plotting._trajectories",
    "plot_weights": "moo.plotting._weights",
    "save": "moo.plotting._save",
    "style": "moo.plotting._style",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
