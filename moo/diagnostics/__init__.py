"""How objectives conflict: by pair, by layer, by sample class. Pure functions of gradients."""

from moo._lazy import attach

_PUBLIC = {
    "ClassCosines": "moo.diagnostics._class_cosines",
    "ConflictProbe": "moo.diagnostics._probe",
    "LayerCosines": "moo.diagnostics._cosines",
    "average_squared_updates": "moo.diagnostics._magnitude",
    "class_cosines": "moo.diagnostics._class_cosines",
    "clicked_conflict_share": "moo.diagnostics._opposition",
    "conflict_probe": "moo.diagnostics._probe",
    "cosine_matrix": "moo.diagnostics._cosines",
    "cross_classes": "moo.diagnostics._frequency",
    "dominance": "moo.diagnostics._magnitude",
    "esmm_classes": "moo.diagnostics._opposition",
    "frequency_classes": "moo.diagnostics._frequency",
    "funnel_classes": "moo.diagnostics._funnel",
    "funnel_opposition": "moo.diagnostics._funnel",
    "id_cosines": "moo.diagnostics._frequency",
    "layer_cosines": "moo.diagnostics._cosines",
    "magnitude_similarity": "moo.diagnostics._magnitude",
    "opposition_quantiles": "moo.diagnostics._opposition",
    "opposition_ratio": "moo.diagnostics._opposition",
    "removed_click_signal": "moo.diagnostics._removed_signal",
    "removed_signal": "moo.diagnostics._removed_signal",
    "theory": "moo.diagnostics.theory",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
