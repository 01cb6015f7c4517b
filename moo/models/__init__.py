"""Multi-task towers on `flax.nnx`, used functionally, and the entire-space losses.

This is the only package of `moo` that imports flax, and it does so on first use of a model.
"""

from moo._lazy import attach
from moo.models._registry import public_names

_PUBLIC = {
    "CONFLICT_MODES": "moo.models.entire_space._conflict",
    "Column": "moo.models.features._columns",
    "FeatureLayer": "moo.models.features._features",
    "MODELS": "moo.models._registry",
    "Model": "moo.models._registry",
    "Probabilities": "moo.models.entire_space._probabilities",
    "apply": "moo.models._functional",
    "build": "moo.models._build",
    "embedding_tables": "moo.models.features._tables",
    "ctcvr_logit": "moo.models.entire_space._probabilities",
    "esmm_probabilities": "moo.models.entire_space._probabilities",
    "functional": "moo.models._functional",
    "funnel_logits": "moo.models.entire_space._probabilities",
    "mixture_logit": "moo.models.entire_space._probabilities",
    "task_losses": "moo.models._task_losses",
    **public_names(),
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
