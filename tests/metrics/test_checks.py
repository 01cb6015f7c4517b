"""The package as a whole: no jax behind it, arrays of any kind before it."""

import subprocess
import sys

import jax.numpy as jnp
import numpy as np

import moo.metrics


def test_metrics_import_no_jax():
    names = ", ".join(moo.metrics.__all__)
    code = f"import sys; from moo.metrics import {names}; assert 'jax' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_jax_arrays_booleans_and_lists_are_the_same_to_a_metric():
    labels, scores = [0, 1, 1], [0.25, 0.5, 0.125]
    for kind in (jnp.float32, jnp.bfloat16, jnp.int32, jnp.bool_):
        assert moo.metrics.auc(jnp.asarray(labels, kind), jnp.asarray(scores)) == 0.5
    for kind in (np.float64, np.uint8, np.bool_, list):
        converted = labels if kind is list else np.array(labels, kind)
        assert moo.metrics.auc(converted, scores) == 0.5
