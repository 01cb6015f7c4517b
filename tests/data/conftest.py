"""Tiny hand-made files in the exact KuaiRand formats."""

import csv
import functools

import pytest

USER_HEADER = [
    "user_id", "user_active_degree", "is_lowactive_period", "is_live_streamer", "is_video_author",
    "follow_user_num", "follow_user_num_range", "fans_user_num", "fans_user_num_range",
    "friend_user_num", "friend_user_num_range", "register_days", "register_days_range",
    *(f"onehot_feat{index}" for index in range(18)),
]  # fmt: skip
SUBSET_HEADER = [
    "user_id", "video_id", "date", "hourmin", "time_ms", "is_click", "is_follow", "is_comment",
    "is_forward", "long_view", "play_time_ms", "duration_ms", "comment_stay_time",
    "is_profile_enter", "is_like", "is_hate",
]  # fmt: skip
PURE_HEADER = [
    "user_id", "video_id", "date", "hourmin", "time_ms", "is_click", "is_like", "is_follow",
    "is_comment", "is_forward", "is_hate", "long_view", "play_time_ms", "duration_ms",
    "profile_stay_time", "comment_stay_time", "is_profile_enter", "is_rand", "tab",
]  # fmt: skip
VIDEO_HEADER = [
    "video_id", "author_id", "video_type", "upload_dt", "upload_type", "visible_status",
    "video_duration", "server_width", "server_height", "music_id", "music_type", "tag",
]  # fmt: skip


def user(number, degree="full_active", feat4="3.0"):
    """One row of the user table; some of its values hold commas or are empty."""
    return {
        **dict.fromkeys(USER_HEADER, 0),
        "user_id": number,
        "user_active_degree": degree,
        "is_live_streamer": -124,
        "follow_user_num_range": "(10,50]",
        "fans_user_num_range": "[10,100)",
        "onehot_feat4": feat4,
    }


def impression(header, user_id, video_id, **values):
    """One row of a log."""
    row = {**dict.fromkeys(header, 0), "user_id": user_id, "video_id": video_id, "hourmin": 1300}
    return row | {"date": 20220408, "time_ms": 1649346288441, "duration_ms": 7000} | values


def video(number, tag, author=8, kind="NORMAL"):
    """One row of the video table."""
    return {
        **dict.fromkeys(VIDEO_HEADER, 0),
        "video_id": number,
        "author_id": author,
        "video_type": kind,
        "upload_dt": "2022-04-01",
        "upload_type": "ShortImport",
        "video_duration": "7000.0",
        "music_type": "9.0",
        "tag": tag,
    }


def write(path, header, rows):
    """Write rows as the official files are written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, header, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def subset(tmp_path):
    """Return a function that writes the subset with some rows replaced, and gives its root."""

    def make(log=None, users=None):
        row = functools.partial(impression, SUBSET_HEADER)
        log = log or [
            row(5, 900, is_click=1, long_view=1, is_like=1, hourmin=2300),
            row(2, 30, is_click=1, is_like=1, time_ms=1649346288442),
            row(2, 30, is_click=1, is_like=1, time_ms=1649346288442),
            row(2, 77, is_click=1, is_hate=1, time_ms=1649346288443),
            row(5, 30, long_view=1, is_like=1, time_ms=1649346288444, duration_ms=0),
        ]
        write(tmp_path / "kuairand" / "interactions.csv", SUBSET_HEADER, log)
        write(
            tmp_path / "kuairand" / "users.csv", USER_HEADER, users or [user(5), user(2, feat4="")]
        )
        return tmp_path

    return make


@pytest.fixture
def pure(tmp_path):
    """Return a function that writes the official files with some replaced, and gives its root."""

    def make(**changed):
        row = functools.partial(impression, PURE_HEADER)
        files = {
            "log_standard_4_08_to_4_21_pure": [
                row(1, 10, is_click=1, long_view=1, tab=1),
                row(3, 20, is_click=1, tab=14, hourmin=905),
            ],
            "log_standard_4_22_to_5_08_pure": [row(3, 10, time_ms=1650556315790, long_view=1)],
            "log_random_4_22_to_5_08_pure": [row(1, 40, time_ms=1650556315791, is_rand=1)],
            "user_features_pure": [user(1), user(3, "UNKNOWN"), user(4)],
            "video_features_basic_pure": [
                video(10, "12,65"), video(20, "", author=9), video(40, "65", kind="AD"),
            ],
        } | changed  # fmt: skip
        for name, rows in files.items():
            headers = {"user": USER_HEADER, "video": VIDEO_HEADER}
            write(tmp_path / f"{name}.csv", headers.get(name.split("_")[0], PURE_HEADER), rows)
        return tmp_path

    return make


@pytest.fixture
def row():
    """Return a function that makes one row of a log, of `"subset"` or `"pure"`."""
    headers = {"subset": SUBSET_HEADER, "pure": PURE_HEADER}
    return lambda kind, *ids, **values: impression(headers[kind], *ids, **values)
