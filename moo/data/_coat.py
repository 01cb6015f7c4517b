"""Loader of Coat: ratings of coats that people chose, and of coats drawn at random."""

from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from moo.data._bytes import read_text
from moo.data._column import Column, Role
from moo.data._dataset import Dataset
from moo.data._error import DataError, shorten
from moo.data._source import Block, find_source, make_dataset

Part = Literal["train", "test"]

_NAME = "coat"
_FOLDERS = ("coat", "user_item_features", "coat/user_item_features")
_STARS = 5
_LIKED = 4


def coat(root: Path, *, part: Part = "train", rated_only: bool = False) -> Dataset:
    """Read Coat: 290 users, 300 coats, what they chose to rate, and a test without selection.

    A row is a pair of a user and a coat. Labels: `rated`, observed on every row, and `liked`, 4
    stars or more of 5, observed on rated ones.

    - `"train"`: all 87,000 pairs, 6,960 of them rated: each user picked 24 coats. Of these 27.4 %
      are liked, more than of coats at large: the rating is missing not at random.
    - `"test"`: the 4,640 pairs rated by order, 16 coats a user drawn uniformly; 18.5 % are liked.
      Every row is rated, so only `liked` can be scored, on what stands for all pairs.

    Features: the ids, and the four categories of the user and of the coat. 366 test pairs were
    also rated in training, with the same stars; the report counts them and, as in the papers, they
    stay.

    Args:
        root: folder that holds train.ascii, test.ascii and the features of users and items (or
            .gz, .xz), or whose folder `coat` does.
        part: `"train"` or `"test"`.
        rated_only: leave out the training pairs without a rating.

    Returns:
        The data set, by user, then coat.

    Raises:
        ValueError: for another part.
        DataError: for a missing file, or a value the format forbids, with its line.

    Source: Schnabel et al., Recommendations as Treatments, ICML 2016, arXiv:1602.05352; for
    research.
    """
    if part not in get_args(Part):
        raise ValueError(f"part must be one of {get_args(Part)}, got {part!r}")
    files = [find_source(_NAME, root, _FOLDERS, f"{name}.ascii") for name in get_args(Part)]
    train = _matrix(files[0], _STARS)
    test = _matrix(files[1], _STARS, train.shape)
    stars = train if part == "train" else test
    pairs = np.nonzero((stars > 0) | (part == "train" and not rated_only))
    users, user_files = _side("user", root, train.shape[0])
    items, item_files = _side("item", root, train.shape[1])
    block = {column: codes[pairs[0]] for column, codes in users.items()}
    block |= {column: codes[pairs[1]] for column, codes in items.items()}
    block |= _labels(stars[pairs])
    report = {
        "ratings read": int(np.count_nonzero(stars)),
        "pairs rated in both parts, kept": int(np.count_nonzero((train > 0) & (test > 0))),
    }
    files += user_files + item_files
    return make_dataset(_NAME, f"{_NAME} ({part})", block, files, report)


def _labels(stars: NDArray[np.int32]) -> Block:
    rated = Column("rated", "label", space="impression", description="has 1 to 5 stars")
    liked = Column("liked", "label", space="rated", description="4 stars or more")
    return {
        rated: (stars > 0).astype(np.float32),
        liked: (stars >= _LIKED).astype(np.float32),
    }


def _side(role: Role, root: Path, rows: int) -> tuple[Block, list[Path]]:
    """Return id and categories of all users or items, and the files that hold them."""
    names = (f"{role}_features.ascii", f"{role}_features_map.txt")
    path, map_path = files = [find_source(_NAME, root, _FOLDERS, name) for name in names]
    groups = _groups(map_path)
    hot = _matrix(path, 1, (rows, sum(map(len, groups.values()))))
    ids = np.arange(rows, dtype=np.int32)
    block: Block = {Column(f"{role}_id", "categorical", rows, role=role): ids}
    for name, members in groups.items():
        values = hot[:, members]
        if (wrong := values.sum(axis=1) != 1).any():
            row = int(np.argmax(wrong))
            found = f"{values[row].sum()} values of {name!r}, expected one"
            raise DataError(f"{path}: line {row + 1}: {found}")
        codes = np.argmax(values, axis=1).astype(np.int32)
        block[Column(f"{role}_{name}", "categorical", len(members))] = codes
    return block, files


def _groups(path: Path) -> dict[str, list[int]]:
    """Return category -> positions of its values, from lines such as `color:red`."""
    groups: dict[str, list[int]] = {}
    for position, text in enumerate(read_text(path).splitlines()):
        name, colon, value = text.partition(":")
        if not (name and colon and value):
            raise DataError(f"{path}: line {position + 1}: {shorten(text)} is not `name:value`")
        groups.setdefault(name, []).append(position)
    return groups


def _matrix(path: Path, high: int, shape: tuple[int, ...] | None = None) -> NDArray[np.int32]:
    """Read digits from 0 to `high`, separated by blanks, as a matrix (of a known shape)."""
    rows = [line.split() for line in read_text(path).splitlines()]
    height, width = shape or (len(rows), len(rows[0]))
    digits = {str(digit): digit for digit in range(high + 1)}
    for line, row in enumerate(rows, start=1):
        if len(row) != width:
            raise DataError(f"{path}: line {line}: {len(row)} values, expected {width}")
        if not digits.keys() >= set(row):
            bad = shorten(next(value for value in row if value not in digits))
            raise DataError(f"{path}: line {line}: {bad} is not a whole number from 0 to {high}")
    if len(rows) != height:
        raise DataError(f"{path}: {len(rows)} lines, expected {height}")
    return np.array([[digits[value] for value in row] for row in rows], np.int32)
