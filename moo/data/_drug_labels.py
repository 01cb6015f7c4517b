"""What the molecules of MoleculeNet are described by, and what was measured of them."""

import numpy as np
from numpy.typing import NDArray

from moo.data._table import Field, Rule

NAME = "molecules"
BITS = 1024
DESCRIPTORS = ("mw", "clogp", "tpsa", "qed", "sa", "hbd", "hba", "rotb")
REGRESSIONS = ("logD74", "logS")
ASSAYS = (
    "NR-AR", "NR-AR-LBD", "NR-AhR", "NR-Aromatase", "NR-ER", "NR-ER-LBD", "NR-PPAR-gamma", "SR-ARE",
    "SR-ATAD5", "SR-HSE", "SR-MMP", "SR-p53",
)  # fmt: skip
TRIAL = "CT_TOX"
TASKS = (*REGRESSIONS, *ASSAYS, TRIAL)
KINDS = ("regression",) * len(REGRESSIONS) + ("classification",) * (len(ASSAYS) + 1)


def _is_binary(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (values == 0) | (values == 1) | np.isnan(values)


NUMBER = Field("float", optional=True)
CLASS = Field("float", rule=Rule(_is_binary, "0 or 1"), optional=True)
LABELS = {
    **dict.fromkeys(REGRESSIONS, NUMBER),
    **dict.fromkeys((*ASSAYS, TRIAL), CLASS),
}
