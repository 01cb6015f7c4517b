# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.plotting._animate import animate as animate
from moo.plotting._conflict import plot_conflict as plot_conflict
from moo.plotting._front import plot_front as plot_front
from moo.plotting._losses import plot_losses as plot_losses
from moo.plotting._save import save as save
from moo.plotting._style import COSINE as COSINE
from moo.plotting._style import OKABE_ITO as OKABE_ITO
from moo.plotting._style import TIME as TIME
from moo.plotting._style import WIDTHS as WIDTHS
from moo.plotting._style import style as style
from moo.plotting._trajectories import plot_trajectories as plot_trajectories
from moo.plotting._weights import plot_weights as plot_weights

__all__ = [
    "COSINE",
    "OKABE_ITO",
    "TIME",
    "WIDTHS",
    "animate",
    "plot_conflict",
    "plot_front",
    "plot_losses",
    "plot_trajectories",
    "plot_weights",
    "save",
    "style",
]
