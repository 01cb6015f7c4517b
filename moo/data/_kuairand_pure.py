"""Loader of KuaiRand-Pure in its official layout: standard feed and random exposure."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from moo.data._column import Column
from moo.data._dataset import Dataset
from moo.data._encode import encode, encode_lists, join
from moo.data._kuairand import (
    DATE,
    HOURMIN,
    LABEL_FIELDS,
    USER_FIELDS,
    context_block,
    counts,
    find_files,
    label_block,
    user_block,
)
from moo.data._source import Block, make_dataset
from moo.data._table import FLAG, NATURAL, SKIP, TEXT, Field, Table, read_table

_NAME = "kuairand_pure"
LOGS = {
    "standard": ("log_standard_4_08_to_4_21_pure.csv", "log_standard_4_22_to_5_08_pure.csv"),
    "random": ("log_random_4_22_to_5_08_pure.csv",),
}
_TABS = 15
_LOG_FIELDS = {
    **dict.fromkeys(("user_id", "video_id", "time_ms", "duration_ms"), NATURAL),
    "date": DATE,
    "hourmin": HOURMIN,
    **LABEL_FIELDS,
    **dict.fromkeys(("is_like", "is_follow", "is_comment", "is_forward", "is_hate"), SKIP),
    **dict.fromkeys(("play_time_ms", "profile_stay_time", "comment_stay_time"), SKIP),
    "is_profile_enter": SKIP,
    "is_rand": FLAG,
    "tab": Field("int", 0, _TABS - 1),
}
_VIDEO_FEATURES = ("author_id", "video_type", "upload_type", "music_type")
_VIDEO_FIELDS = {
    "video_id": NATURAL,
    **dict.fromkeys(_VIDEO_FEATURES, TEXT),
    "tag": TEXT,
    # `visible_status` is that of the day of publication, after the log ended.
    **dict.fromkeys(("upload_dt", "visible_status", "video_duration", "music_id"), SKIP),
    **dict.fromkeys(("server_width", "server_height"), SKIP),
}


def kuairand_pure(root: Path, *, part: Literal["standard", "random"] = "standard") -> Dataset:
    """Read KuaiRand-Pure: the feed's own log, or impressions of randomly chosen videos.

    Labels: `click`, observed on impressions, and `conversion` = click and long view, observed on
    clicks. A long view without a click is no conversion and is counted in the report.

    Features: user and video id, hour of day, log of the video's length, `tab` (where in the app),
    the user's categories, and the video's author, types and tags. Play time and all other
    reactions are outcomes of the same impression and never features; nor is the table of daily
    video statistics, an average over the whole month, test days included. Of the columns
    that are not used, only `date` is checked beyond its presence.

    Vocabularies come from the user and video tables, not from a log: both parts share them, so a
    model trained on `"standard"` can be tested on `"random"`, without selection bias.

    Args:
        root: the folder with the official files (plain, .xz or .gz), or one above it.
        part: `"standard"` (two files, 8 April to 8 May 2022) or `"random"` (22 April to 8 May).

    Returns:
        The data set, in the files' order.

    Raises:
        ValueError: for another part.
        DataError: for a missing file, or a value the format forbids, with its line.

    Source: Gao et al., KuaiRand, CIKM 2022, arXiv:2208.08696; CC BY-SA 4.0.
    """
    if part not in LOGS:
        raise ValueError(f"part must be one of {tuple(LOGS)}, got {part!r}")
    tables = ("user_features_pure.csv", "video_features_basic_pure.csv")
    paths = find_files(_NAME, root, (*tables, *LOGS[part]))
    users, videos = read_table(paths[0], USER_FIELDS), read_table(paths[1], _VIDEO_FIELDS)
    logs = [read_table(path, _LOG_FIELDS) for path in paths[2:]]
    # Joined file by file, so that an unknown id is reported with its own file and line.
    user_of = np.concatenate([join(log, "user_id", users) for log in logs])
    video_of = np.concatenate([join(log, "video_id", videos) for log in logs])
    log = _stack(logs)
    block = (
        user_block(users, user_of)
        | _video_block(videos, video_of)
        | {Column("tab", "categorical", _TABS): log["tab"].astype(np.int32)}
        | context_block(log)
        | label_block(log)
    )
    report = {"rows read": log.rows()} | counts(log, users) | _empty(videos)
    return make_dataset(_NAME, f"{_NAME} ({part})", block, paths, report)


def _stack(logs: list[Table]) -> Table:
    columns = {name: np.concatenate([log[name] for log in logs]) for name in logs[0].columns}
    return Table(logs[0].path, columns)


def _video_block(videos: Table, row_of: NDArray[np.intp]) -> Block:
    ids = encode(videos["video_id"])
    block: Block = {Column("video_id", "categorical", ids.size, role="item"): ids.codes[row_of]}
    for name in _VIDEO_FEATURES:
        codes, size = encode(videos[name])
        block[Column(name, "categorical", size)] = codes[row_of]
    tags = encode_lists(videos["tag"].tolist())
    return block | {Column("tag", "multi", tags.size): tags.codes[row_of]}


def _empty(videos: Table) -> dict[str, int]:
    empty = sum(int((videos[name] == "").sum()) for name in _VIDEO_FEATURES)
    return {
        "empty video features, made a category": empty,
        "videos without a tag": int((videos["tag"] == "").sum()),
    }
