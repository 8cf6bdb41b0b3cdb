"""pyarrow, which reads and writes Parquet and Arrow, and reads CSV fast: it comes with the extra `tables`."""

from __future__ import annotations

from typing import Any

from ...ground.errors import UsageError, error

INSTALL = 'pip install "wengert[tables]"'


def has_pyarrow() -> bool:
    """Whether pyarrow is installed."""
    try:
        import pyarrow
    except ImportError:
        return False
    return bool(pyarrow.__version__)


def pyarrow_for(purpose: str) -> Any:
    """The module `pyarrow`. Raises UsageError if it is not installed; `purpose` is for the message: "Parquet"."""
    try:
        import pyarrow
    except ImportError:
        raise error(UsageError, "W905", f"{purpose} needs pyarrow, which is not installed",
                    help=f"{INSTALL}; tables in .csv need no package") from None  # fmt: skip
    return pyarrow
