"""How objectives conflict: by pair, by layer, by sample class. Pure functions of gradients."""

from moo._lazy import attach

_PUBLIC = {
    "ClassCosines": "moo.diagnostics._class_cosines",
    "LayerCosines": "moo.diagnostics._cosines",
    "class_cosines": "moo.diagnostics._class_cosines",
    "clicked_conflict_share": "moo.diagnostics._opposition",
    "cosine_matrix": "moo.diagnostics._cosines",
    "esmm_classes": "moo.diagnostics._opposition",
    "layer_cosines": "moo.diagnostics._cosines",
    "opposition_ratio": "moo.diagnostics._opposition",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
