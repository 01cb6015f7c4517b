import importlib
import subprocess
import sys

import pytest

from moo.data import DATASETS


def test_registry_needs_no_array_library():
    code = (
        "import sys; from moo.data import DATASETS; list(DATASETS)\n"
        "sys.exit('numpy' in sys.modules or 'jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_data_needs_no_jax():
    code = (
        "import sys, moo; moo.data.load('adult'); moo.data.simulate('shop', num_rows=9, seed=0)\n"
        "sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", DATASETS)
def test_entry(name):
    entry = DATASETS[name]
    module, function = entry.loader.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), function))
    assert entry.tasks
    assert entry.source.startswith("https://")
    assert entry.summary
    assert entry.licence
    assert entry.paper
