# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.diagnostics import theory as theory
from moo.diagnostics._class_cosines import ClassCosines as ClassCosines
from moo.diagnostics._class_cosines import class_cosines as class_cosines
from moo.diagnostics._cosines import LayerCosines as LayerCosines
from moo.diagnostics._cosines import cosine_matrix as cosine_matrix
from moo.diagnostics._cosines import layer_cosines as layer_cosines
from moo.diagnostics._frequency import cross_classes as cross_classes
from moo.diagnostics._frequency import frequency_classes as frequency_classes
from moo.diagnostics._frequency import id_cosines as id_cosines
from moo.diagnostics._funnel import funnel_classes as funnel_classes
from moo.diagnostics._funnel import funnel_opposition as funnel_opposition
from moo.diagnostics._magnitude import average_squared_updates as average_squared_updates
from moo.diagnostics._magnitude import dominance as dominance
from moo.diagnostics._magnitude import magnitude_similarity as magnitude_similarity
from moo.diagnostics._opposition import clicked_conflict_share as clicked_conflict_share
from moo.diagnostics._opposition import esmm_classes as esmm_classes
from moo.diagnostics._opposition import opposition_quantiles as opposition_quantiles
from moo.diagnostics._opposition import opposition_ratio as opposition_ratio
from moo.diagnostics._probe import ConflictProbe as ConflictProbe
from moo.diagnostics._probe import conflict_probe as conflict_probe
from moo.diagnostics._removed_signal import removed_click_signal as removed_click_signal
from moo.diagnostics._removed_signal import removed_signal as removed_signal

__all__ = [
    "ClassCosines",
    "ConflictProbe",
    "LayerCosines",
    "average_squared_updates",
    "class_cosines",
    "clicked_conflict_share",
    "conflict_probe",
    "cosine_matrix",
    "cross_classes",
    "dominance",
    "esmm_classes",
    "frequency_classes",
    "funnel_classes",
    "funnel_opposition",
    "id_cosines",
    "layer_cosines",
    "magnitude_similarity",
    "opposition_quantiles",
    "opposition_ratio",
    "removed_click_signal",
    "removed_signal",
    "theory",
]
