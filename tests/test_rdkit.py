import subprocess
import sys

import pytest

from moo._rdkit import molecule, rdkit

_WITHOUT = """
import sys
sys.modules["rdkit"] = None
import numpy as np, moo.plotting
from moo._rdkit import rdkit
for call in (lambda: rdkit("Chem"), lambda: moo.plotting.plot_molecules(np.zeros((1, 2)), ["C"])):
    try:
        call()
    except ModuleNotFoundError as error:
        assert str(error) == 'structures of molecules need RDKit: pip install "moo-jax[chem]"'
    else:
        raise AssertionError
"""


def test_without_rdkit_the_error_says_what_to_install():
    subprocess.run([sys.executable, "-W", "error", "-c", _WITHOUT], check=True)


def test_a_structure_is_read_and_a_wrong_one_is_none_in_silence(capfd):
    pytest.importorskip("rdkit", reason="RDKit is not installed: the extra chem")
    assert molecule("CCO").GetNumAtoms() == 3
    assert molecule("C(C") is None
    assert capfd.readouterr() == ("", "")


def test_another_missing_module_is_named():
    pytest.importorskip("rdkit", reason="RDKit is not installed: the extra chem")
    with pytest.raises(ModuleNotFoundError) as caught:
        rdkit("Chem.nothing_of_that_name")
    assert caught.value.name == "rdkit.Chem.nothing_of_that_name"
