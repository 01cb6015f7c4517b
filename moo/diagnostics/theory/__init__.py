"""The theory workbench: what theorems speak of, measured for any method, with its error."""

from moo._lazy import attach

_PUBLIC = {
    "Convergence": "moo.diagnostics.theory._convergence",
    "DescentCertificate": "moo.diagnostics.theory._descent",
    "DirectionBias": "moo.diagnostics.theory._bias",
    "Fit": "moo.diagnostics.theory._fit",
    "Regret": "moo.diagnostics.theory._regret",
    "Stability": "moo.diagnostics.theory._stability",
    "WeightCovariance": "moo.diagnostics.theory._covariance",
    "WeightSensitivity": "moo.diagnostics.theory._sensitivity",
    "convergence": "moo.diagnostics.theory._convergence",
    "descent_certificate": "moo.diagnostics.theory._descent",
    "direction_bias": "moo.diagnostics.theory._bias",
    "fit_power": "moo.diagnostics.theory._fit",
    "regret": "moo.diagnostics.theory._regret",
    "replacement_stability": "moo.diagnostics.theory._stability",
    "weight_covariance": "moo.diagnostics.theory._covariance",
    "weight_sensitivity": "moo.diagnostics.theory._sensitivity",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
