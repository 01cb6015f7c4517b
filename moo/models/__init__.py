"""Multi-task towers on `flax.nnx`, used functionally, and the entire-space losses.

This is the only package of `moo` that imports flax, and it does so on first use of a model.
"""

from moo._lazy import attach

_PUBLIC = {
    "CONFLICT_MODES": "moo.models._conflict",
    "Column": "moo.models._columns",
    "ESMM": "moo.models._esmm",
    "FeatureLayer": "moo.models._features",
    "MMoE": "moo.models._mmoe",
    "MODELS": "moo.models._catalogue",
    "Model": "moo.models._catalogue",
    "Probabilities": "moo.models._probabilities",
    "SharedBottom": "moo.models._shared_bottom",
    "apply": "moo.models._functional",
    "build": "moo.models._catalogue",
    "ctcvr_logit": "moo.models._probabilities",
    "esmm_losses": "moo.models._esmm_losses",
    "esmm_probabilities": "moo.models._probabilities",
    "factorised_losses": "moo.models._factorised_losses",
    "functional": "moo.models._functional",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
