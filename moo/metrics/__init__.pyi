# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.metrics._calibration import log_loss as log_loss
from moo.metrics._calibration import normalized_entropy as normalized_entropy
from moo.metrics._calibration import pcoc as pcoc
from moo.metrics._checks import UndefinedMetricWarning as UndefinedMetricWarning
from moo.metrics._dominance import nondominated as nondominated
from moo.metrics._entire_space import entire_space as entire_space
from moo.metrics._front_distance import additive_epsilon as additive_epsilon
from moo.metrics._front_distance import igd_plus as igd_plus
from moo.metrics._gain import delta_m as delta_m
from moo.metrics._hypervolume import hypervolume as hypervolume
from moo.metrics._interval import Interval as Interval
from moo.metrics._interval import interval as interval
from moo.metrics._ranking import GroupedAUC as GroupedAUC
from moo.metrics._ranking import auc as auc
from moo.metrics._ranking import grouped_auc as grouped_auc
from moo.metrics._ranking import grouped_auc_details as grouped_auc_details

__all__ = [
    "GroupedAUC",
    "Interval",
    "UndefinedMetricWarning",
    "additive_epsilon",
    "auc",
    "delta_m",
    "entire_space",
    "grouped_auc",
    "grouped_auc_details",
    "hypervolume",
    "igd_plus",
    "interval",
    "log_loss",
    "nondominated",
    "normalized_entropy",
    "pcoc",
]
