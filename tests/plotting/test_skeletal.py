import numpy as np
import pytest
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from moo.plotting._skeletal import patches, skeletal

pytest.importorskip("rdkit", reason="RDKit is not installed: the extra chem")


def strokes(path):
    """The lengths of the straight lines of a path, longest first."""
    steps = np.linalg.norm(np.diff(path.vertices, axis=0), axis=1)
    return np.sort(steps[path.codes[1:] == Path.LINETO])[::-1]


def test_a_ring_is_a_regular_hexagon_with_three_bonds_doubled():
    formula = skeletal("c1ccccc1")
    assert not len(formula.areas.vertices)
    lengths = strokes(formula.lines)
    bond = lengths[0]
    assert bond == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(lengths[:6], bond, rtol=0.02)
    assert (lengths[6:9] > 0.6 * bond).all()
    assert (lengths[6:9] < 0.9 * bond).all()
    assert (lengths[9:] < 0.1).all()  # the corners' joins
    # Across corners, and across sides.
    np.testing.assert_allclose(np.sort(formula.size), np.array([np.sqrt(3), 2]) * bond, rtol=0.03)


def test_carbon_has_no_letter_and_the_others_have():
    assert not len(skeletal("CCC").areas.vertices)
    assert (skeletal("CCC").lines.codes == Path.LINETO).sum() >= 2
    letters = {smiles: (skeletal(smiles).areas.codes == Path.MOVETO).sum()
               for smiles in ("CCO", "CCN", "CC[NH3+]", "C")}  # fmt: skip
    assert letters["CCO"] == 3  # an O is two outlines, an H one
    assert letters["CCN"] == 3  # N, H and 2
    assert letters["CC[NH3+]"] == 4
    assert letters["C"] == 4  # C, H and a 4 of two outlines


@pytest.mark.parametrize(
    "smiles", ["CC(=O)Oc1ccccc1C(=O)O", "C", "CC", "[Na+].[Cl-]", "N#N", "[H][H]"]
)
def test_a_formula_starts_at_its_corner_and_has_its_size(smiles):
    formula = skeletal(smiles)
    np.testing.assert_allclose(formula.corners.min(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(formula.corners.max(axis=0), formula.size)
    assert formula.size[0] >= 0.8 * formula.size[1]  # the long axis lies about level


def test_the_hand_of_a_molecule_is_shown():
    left, right = skeletal("C[C@H](N)C(=O)O"), skeletal("C[C@@H](N)C(=O)O")
    plain = skeletal("CC(N)C(=O)O")
    # A wedge is one more area, or a bond becomes several dashes.
    assert len({len(one.areas.codes) for one in (left, right, plain)}) > 1
    assert (len(left.areas.codes), len(left.lines.codes)) != (
        len(right.areas.codes), len(right.lines.codes)
    )  # fmt: skip


def test_patches_lie_where_they_are_put():
    formula = skeletal("CCO")
    lines, areas = patches(formula, np.array([10.0, 20.0]), 8.0, IdentityTransform())
    corners = np.concatenate([one.get_path().vertices for one in (lines, areas)])
    np.testing.assert_allclose(corners.min(axis=0), [10, 20])
    np.testing.assert_allclose(corners.max(axis=0), [10, 20] + 8 * formula.size)
    assert lines.get_linewidth() >= 0.5
    assert lines.get_facecolor()[3] == 0


@pytest.mark.parametrize("smiles", ["", "C(C", "no molecule"])
def test_what_is_no_structure_is_named(smiles):
    with pytest.raises(ValueError, match="smiles must be structures that RDKit reads, got"):
        skeletal(smiles)
