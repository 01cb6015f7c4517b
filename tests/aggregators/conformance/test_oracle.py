"""Every method against a slow and obvious float64 oracle, under masks."""

import numpy as np
import pytest

from tests.aggregators.conformance.probe import fallen
from tests.aggregators.conformance.run import at, outcome
from tests.aggregators.conformance.stack import LANES, PLACES
from tests.aggregators.table import TABLE

solved = pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.oracle])
ASKED = {key: asked for key, asked in LANES.items() if key[0] in ("base", "masked", "permuted")}


@solved
def test_oracle(name):
    """`active` gives what the method gives on J[mask] and losses[mask]."""
    row, compared = TABLE[name], 0
    for key, asked in ASKED.items():
        if row.applies(asked.matrix) and asked.matrix.size:
            answer = at(outcome(name), PLACES[key])
            losses = np.asarray(fallen(name, asked), np.float64)[0, asked.active]
            expected = row.oracle(asked.matrix, losses)
            tight = 2e-5 if "random" in key[1] else 1e-3
            scale = answer.mass[0] + 1e-6 * np.abs(asked.matrix).max()
            np.testing.assert_allclose(
                answer.v[0], expected, atol=tight * scale, rtol=0, err_msg=str(key)
            )
            compared += 1
    assert compared >= 20
