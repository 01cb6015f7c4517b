"""The methods that are measured, each with the schedule that its theory ties to the horizon."""

from collections.abc import Callable

import moo
from moo._names import find_name
from moo._types import Array
from moo.aggregators import METHODS

Method = Callable[[Array], moo.Aggregator]
OURS = "calm"

# Horizon, a traced number, -> method. Defaults where theory says nothing of the horizon: MoCo and
# CALM count their steps themselves, and SDMGrad solves its inner problem. DR-OMMD's alpha is that
# of `papers/dr_ommd`. SMG is MGDA with a schedule of the step, which all have here.
ENTRANTS: dict[str, Method] = {
    "mean": lambda horizon: moo.mean(2),
    "smg": lambda horizon: moo.smg(2),
    "cr_mogm": lambda horizon: moo.cr_mogm(2, decay=1 - horizon**-0.5),
    "moco": lambda horizon: moo.moco(2),
    "modo": lambda horizon: moo.modo(2, gamma=horizon**-0.5, rho=0.0),
    "sdmgrad": lambda horizon: moo.sdmgrad(2),
    "dr_ommd": lambda horizon: moo.dr_ommd(2, alpha=4.0),
    OURS: lambda horizon: moo.calm(2),
}


def entrant(name: str) -> Method:
    """Return an entrant, or any other method by its defaults.

    Raises:
        ValueError: if there is no such method; the message has the nearest ones.
    """
    if name in ENTRANTS:
        return ENTRANTS[name]
    find_name("method", name, METHODS)
    return lambda horizon: moo.aggregator(name, num_objectives=2)
