# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.diagnostics.theory._bias import DirectionBias as DirectionBias
from moo.diagnostics.theory._bias import direction_bias as direction_bias
from moo.diagnostics.theory._convergence import Convergence as Convergence
from moo.diagnostics.theory._convergence import convergence as convergence
from moo.diagnostics.theory._covariance import WeightCovariance as WeightCovariance
from moo.diagnostics.theory._covariance import weight_covariance as weight_covariance
from moo.diagnostics.theory._descent import DescentCertificate as DescentCertificate
from moo.diagnostics.theory._descent import descent_certificate as descent_certificate
from moo.diagnostics.theory._fit import Fit as Fit
from moo.diagnostics.theory._fit import fit_power as fit_power
from moo.diagnostics.theory._regret import Regret as Regret
from moo.diagnostics.theory._regret import regret as regret
from moo.diagnostics.theory._sensitivity import WeightSensitivity as WeightSensitivity
from moo.diagnostics.theory._sensitivity import weight_sensitivity as weight_sensitivity
from moo.diagnostics.theory._stability import Stability as Stability
from moo.diagnostics.theory._stability import replacement_stability as replacement_stability

__all__ = [
    "Convergence",
    "DescentCertificate",
    "DirectionBias",
    "Fit",
    "Regret",
    "Stability",
    "WeightCovariance",
    "WeightSensitivity",
    "convergence",
    "descent_certificate",
    "direction_bias",
    "fit_power",
    "regret",
    "replacement_stability",
    "weight_covariance",
    "weight_sensitivity",
]
