"""Loader of the Hillstrom e-mail campaign: an unselected funnel with rare conversions."""

from pathlib import Path

import numpy as np

from moo.data._column import Column
from moo.data._dataset import Dataset
from moo.data._encode import encode
from moo.data._source import Block, find_source, make_dataset
from moo.data._table import FLAG, TEXT, Field, Table, read_table

_NAME = "hillstrom"
_OFFICIAL = "Kevin_Hillstrom_MineThatData_E-MailAnalytics_DataMiningChallenge_2008.03.20.csv"
_FLAGS = ("mens", "womens", "newbie")
_TEXTS = ("history_segment", "zip_code", "channel", "segment")
_FIELDS = {
    "recency": Field("int", 1, 12),
    "history": Field("float", 0),
    **dict.fromkeys(_FLAGS, FLAG),
    **dict.fromkeys(_TEXTS, TEXT),
    "visit": FLAG,
    "conversion": FLAG,
    "spend": Field("float", 0),
}


def hillstrom(root: Path) -> Dataset:
    """Read the Hillstrom campaign: 64,000 customers, two e-mails and none, drawn at random.

    Labels: `visit` of the shop within two weeks (14.7 %), observed on every row, and `conversion`,
    a purchase (0.9 % of rows, 6.2 % of visits), observed on visits.

    Features: what was known before the campaign (months since the last purchase, dollars of the
    past year, what was bought, where and how), and `segment`, the e-mail that was drawn. `spend`
    is an outcome of the same two weeks and never a feature.

    Conversion given a visit can hardly be ranked (AUC near .52): use the data for the
    entire-space conversion and for calibration. The file's "Surburban" is kept as it is.

    Args:
        root: folder that holds hillstrom.csv or the official file (or .xz, .gz), or whose folder
            `hillstrom` does.

    Returns:
        The data set, in the file's order, which is no order in time.

    Raises:
        DataError: for a missing file, or a value the format forbids, with its line: so a
            conversion without a visit, or dollars spent without one or the other way round.

    Source: Hillstrom, The MineThatData E-Mail Analytics and Data Mining Challenge, 2008;
    published for free use.
    """
    path = find_source(_NAME, root, (_NAME,), "hillstrom.csv", _OFFICIAL)
    table = read_table(path, _FIELDS)
    _check_funnel(table)
    report = {"rows read": table.rows()}
    return make_dataset(_NAME, _NAME, _features(table) | _labels(table), [path], report)


def _check_funnel(table: Table) -> None:
    visit, bought, paid = table["visit"] == 1, table["conversion"] == 1, table["spend"] > 0
    if (bought & ~visit).any():
        table.fail(int(np.argmax(bought & ~visit)), "conversion", "1 in a row without a visit")
    if (bought != paid).any():
        row = int(np.argmax(bought != paid))
        table.fail(row, "spend", f"{table['spend'][row]:g} where conversion is {bought[row]:d}")


def _features(table: Table) -> Block:
    block: Block = {
        Column("recency", "numeric", description="months since the last purchase"): table[
            "recency"
        ].astype(np.float32),
        Column("log_history", "numeric", description="log(1 + dollars of the past year)"): np.log1p(
            table["history"]
        ).astype(np.float32),
    }
    for name in _FLAGS:
        block[Column(name, "categorical", 2)] = table[name].astype(np.int32)
    for name in _TEXTS:
        codes, size = encode(table[name])
        block[Column(name, "categorical", size)] = codes
    return block


def _labels(table: Table) -> Block:
    visit = Column("visit", "label", space="impression")
    conversion = Column("conversion", "label", space="visit", description="bought something")
    return {column: table[column.name].astype(np.float32) for column in (visit, conversion)}
