"""The code of the page on devices runs, in its order, but for the line that starts a cluster."""

import re
import textwrap
from pathlib import Path

import jax
import numpy as np

TEXT = (Path(__file__).parents[2] / "docs" / "devices.rst").read_text(encoding="utf-8")
BLOCKS = re.findall(r"\.\. code-block:: python\n\n((?:   .*\n|\n)+)", TEXT)


def test_the_code_runs_on_eight_devices():
    names = {}
    for block in BLOCKS:
        if "jax.distributed" not in block:
            exec(textwrap.dedent(block), names)
            jax.block_until_ready((names["params"], names["state"]))
    assert names["mesh"].size == 8
    assert set(names["moved"]) == {"all-reduce"}
    entries = sum(x.size for x in jax.tree.leaves(names["params"]))
    assert names["moved"]["all-reduce"].bytes == 4 * (2 * entries + 2)
    assert np.isfinite(names["record"].losses).all()
