"""The one error that bad data raises."""


class DataError(ValueError):
    """Data that does not hold what its format or schema promises.

    The message says where (file, line, column) and why, in at most two lines.

    Example:
        >>> raise DataError("log.csv: line 7, column 'is_click': 2 is not 0 or 1")
        Traceback (most recent call last):
        ...
        moo.data._error.DataError: log.csv: line 7, column 'is_click': 2 is not 0 or 1
    """


def shorten(value: object, limit: int = 40) -> str:
    """Return the repr of a value, cut to what fits in an error message."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
