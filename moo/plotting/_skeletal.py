"""Skeletal formulas as matplotlib paths: RDKit lays out and draws, its lines become ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Transform

from moo._rdkit import molecule, rdkit
from moo.plotting._inputs import Float

_INK = "#1a1a1a"
_BOND = 14.4  # of the journals' style in which RDKit draws, in its points
_LINE = 0.6
_THINNEST = 0.5
_COMMANDS: Mapping[str, tuple[Any, ...]] = {
    "M": (Path.MOVETO,),
    "L": (Path.LINETO,),
    "Q": (Path.CURVE3,) * 2,
    "C": (Path.CURVE4,) * 3,
    "Z": (Path.CLOSEPOLY,),
}
_STEP = re.compile(r"([MLQCZ])([^MLQCZ]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class Formula(NamedTuple):
    """A skeletal formula in about bond lengths, y upwards, its lower left corner at 0.

    Attributes:
        lines: bonds.
        areas: letters, and bonds towards the reader.
        size: (2,) width and height.
    """

    lines: Path
    areas: Path
    size: Float

    @property
    def corners(self) -> Float:
        """All points that are joined, (n, 2)."""
        return np.concatenate([self.lines.vertices, self.areas.vertices])


def skeletal(smiles: str) -> Formula:
    """Lay out a molecule and draw it in the style of the American Chemical Society of 1996.

    Args:
        smiles: its structure.

    Raises:
        ModuleNotFoundError: without RDKit.
        ValueError: if RDKit cannot read the structure, or it has no atom.
    """
    found = molecule(smiles)
    if found is None or not found.GetNumAtoms():
        raise ValueError(f"smiles must be structures that RDKit reads, got {smiles!r}")
    drawn = [_shape(element) for element in ElementTree.fromstring(_svg(found)).iter()]
    shapes = [shape for shape in drawn if shape is not None]
    corners = np.concatenate([path.vertices for path, _ in shapes])
    low, high = corners.min(axis=0), corners.max(axis=0)
    origin = np.array([low[0], high[1]])

    def joined(filled: bool) -> Path:
        paths = [path for path, is_area in shapes if is_area == filled]
        if not paths:
            return Path(np.zeros((0, 2)))
        whole = Path.make_compound_path(*paths)
        return Path((whole.vertices - origin) * (1, -1) / _BOND, whole.codes)

    return Formula(joined(False), joined(True), (high - low) / _BOND)


def patches(formula: Formula, corner: Float, bond: float, transform: Transform) -> list[PathPatch]:
    """Return what draws a formula.

    Args:
        formula: the formula.
        corner: (2,) where its lower left corner comes to lie, in points.
        bond: length of a bond in points.
        transform: from points to the display.
    """

    def patch(path: Path, **look: Any) -> PathPatch:
        placed = Path(np.asarray(path.vertices) * bond + corner, path.codes)
        return PathPatch(placed, transform=transform, clip_on=False, **look)

    thick = max(_THINNEST, _LINE * bond / _BOND)
    return [
        patch(
            formula.lines, facecolor="none", edgecolor=_INK, linewidth=thick,
            capstyle="round", joinstyle="round",
        ),
        patch(formula.areas, facecolor=_INK, edgecolor="none"),
    ]  # fmt: skip


def _svg(found: Any) -> str:
    """Draw with the long axis about level, letters as outlines, on as large a canvas as needed."""
    draw = rdkit("Chem.Draw.rdMolDraw2D")
    rdkit("Chem.rdCoordGen").AddCoords(found)
    depictor = rdkit("Chem.rdDepictor")
    depictor.NormalizeDepiction(found)
    depictor.StraightenDepiction(found, minimizeRotation=True)
    if not np.isfinite(found.GetConformer().GetPositions()).all():
        depictor.Compute2DCoords(found)  # hydrogen alone has no heavy atoms to lay out
    drawer = draw.MolDraw2DSVG(-1, -1)
    draw.SetACS1996Mode(drawer.drawOptions(), draw.MeanBondLength(found) or 1.0)
    # Hydrogens at chiral atoms would crowd so small a drawing; the wedges say enough.
    drawer.drawOptions().prepareMolsBeforeDrawing = False
    drawer.DrawMolecule(draw.PrepareMolForDrawing(found, addChiralHs=False))
    drawer.FinishDrawing()
    return str(drawer.GetDrawingText())


def _shape(element: ElementTree.Element) -> tuple[Path, bool] | None:
    """Return the path of an SVG element and whether it is filled; None for what is no path."""
    if not element.tag.endswith("path"):
        return None
    look = element.get("style", "") + ";fill:" + element.get("fill", "")
    vertices: list[list[float]] = []
    codes: list[Any] = []
    for command, numbers in _STEP.findall(element.get("d", "").upper()):
        kinds = _COMMANDS[command]
        values = [float(number) for number in _NUMBER.findall(numbers)] or vertices[-1]
        vertices += np.reshape(values, (-1, 2)).tolist()
        codes += kinds
    return Path(vertices, codes), "fill:#" in look
