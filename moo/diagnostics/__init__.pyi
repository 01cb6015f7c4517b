# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.diagnostics._class_cosines import ClassCosines as ClassCosines
from moo.diagnostics._class_cosines import class_cosines as class_cosines
from moo.diagnostics._cosines import LayerCosines as LayerCosines
from moo.diagnostics._cosines import cosine_matrix as cosine_matrix
from moo.diagnostics._cosines import layer_cosines as layer_cosines
from moo.diagnostics._opposition import clicked_conflict_share as clicked_conflict_share
from moo.diagnostics._opposition import esmm_classes as esmm_classes
from moo.diagnostics._opposition import opposition_ratio as opposition_ratio

__all__ = [
    "ClassCosines",
    "LayerCosines",
    "class_cosines",
    "clicked_conflict_share",
    "cosine_matrix",
    "esmm_classes",
    "layer_cosines",
    "opposition_ratio",
]
