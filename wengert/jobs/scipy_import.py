"""SciPy, which jobs need and nothing else: it comes with the extra `jobs`."""

from __future__ import annotations

from typing import Any

from ..ground.errors import UsageError, WengertError, error

INSTALL = 'pip install "wengert[jobs]"'


def missing_scipy() -> WengertError:
    """The error for a SciPy that is not installed."""
    return error(UsageError, "W861", "SciPy is not installed, and this job needs it", help=INSTALL)


def scipy_optimize() -> Any:
    """The module `scipy.optimize`. Raises UsageError if SciPy is not installed."""
    try:
        from scipy import optimize
    except ImportError:
        raise missing_scipy() from None
    return optimize


def scipy_integrate() -> Any:
    """The module `scipy.integrate`. Raises UsageError if SciPy is not installed."""
    try:
        from scipy import integrate
    except ImportError:
        raise missing_scipy() from None
    return integrate


def scipy_sparse_linalg() -> Any:
    """The module `scipy.sparse.linalg`. Raises UsageError if SciPy is not installed."""
    try:
        from scipy.sparse import linalg
    except ImportError:
        raise missing_scipy() from None
    return linalg
