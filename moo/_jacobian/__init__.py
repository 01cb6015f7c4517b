"""The lazy Jacobian, its Gramian, and the checks that both share."""

from moo._jacobian._autodiff import AutodiffJacobian as AutodiffJacobian
from moo._jacobian._autodiff import jacobian as jacobian
from moo._jacobian._base import Jacobian as Jacobian
from moo._jacobian._checks import check_losses as check_losses
from moo._jacobian._checks import check_params as check_params
from moo._jacobian._feature import feature_jacobian as feature_jacobian
from moo._jacobian._gram import Gram as Gram
from moo._jacobian._masked import masked_mean as masked_mean
from moo._jacobian._per_example import per_example_jacobian as per_example_jacobian
from moo._jacobian._population import PopulationJacobian as PopulationJacobian
from moo._jacobian._population import population_jacobian as population_jacobian
from moo._jacobian._rays import RayJacobian as RayJacobian
from moo._jacobian._rays import ray_jacobian as ray_jacobian
from moo._jacobian._set import SetJacobian as SetJacobian
from moo._jacobian._sketch import Sketch as Sketch
from moo._jacobian._stacked import StackedJacobian as StackedJacobian
from moo._jacobian._stacked import stacked_jacobian as stacked_jacobian
