# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.plotting._along import plot_along as plot_along
from moo.plotting._animate import animate as animate
from moo.plotting._class_conflict import plot_class_conflict as plot_class_conflict
from moo.plotting._conflict import plot_conflict as plot_conflict
from moo.plotting._differences import plot_differences as plot_differences
from moo.plotting._front import plot_front as plot_front
from moo.plotting._hypervolume import plot_hypervolume as plot_hypervolume
from moo.plotting._losses import plot_losses as plot_losses
from moo.plotting._molecules import plot_molecules as plot_molecules
from moo.plotting._opposition import plot_opposition as plot_opposition
from moo.plotting._parallel import plot_parallel as plot_parallel
from moo.plotting._profiles import plot_profiles as plot_profiles
from moo.plotting._radar import plot_radar as plot_radar
from moo.plotting._ranks import plot_critical_difference as plot_critical_difference
from moo.plotting._rate import plot_rate as plot_rate
from moo.plotting._rays import plot_rays as plot_rays
from moo.plotting._save import save as save
from moo.plotting._style import COSINE as COSINE
from moo.plotting._style import OKABE_ITO as OKABE_ITO
from moo.plotting._style import TIME as TIME
from moo.plotting._style import WIDTHS as WIDTHS
from moo.plotting._style import style as style
from moo.plotting._theory_points import plot_bias as plot_bias
from moo.plotting._theory_points import plot_covariance as plot_covariance
from moo.plotting._theory_points import plot_descent as plot_descent
from moo.plotting._theory_points import plot_sensitivity as plot_sensitivity
from moo.plotting._theory_runs import plot_convergence as plot_convergence
from moo.plotting._theory_runs import plot_regret as plot_regret
from moo.plotting._theory_runs import plot_stability as plot_stability
from moo.plotting._trajectories import plot_trajectories as plot_trajectories
from moo.plotting._weights import plot_weights as plot_weights

__all__ = [
    "COSINE",
    "OKABE_ITO",
    "TIME",
    "WIDTHS",
    "animate",
    "plot_along",
    "plot_bias",
    "plot_class_conflict",
    "plot_conflict",
    "plot_convergence",
    "plot_covariance",
    "plot_critical_difference",
    "plot_descent",
    "plot_differences",
    "plot_front",
    "plot_hypervolume",
    "plot_losses",
    "plot_molecules",
    "plot_opposition",
    "plot_parallel",
    "plot_profiles",
    "plot_radar",
    "plot_rate",
    "plot_rays",
    "plot_regret",
    "plot_sensitivity",
    "plot_stability",
    "plot_trajectories",
    "plot_weights",
    "save",
    "style",
]
