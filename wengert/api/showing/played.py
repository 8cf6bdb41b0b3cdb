"""The page of a program that is typed into an editor, or the error in its text: see `playing` and `play_offline`."""

from __future__ import annotations

from ...ground.complaints import render
from ...ground.errors import UsageError, WengertError, error
from ...ground.limits import UNTRUSTED, Limits, within
from ..compile import compile

PLAYED = UNTRUSTED._replace(seconds=10.0)


def played(text: str, exercise: bool = False, limits: Limits = PLAYED) -> dict[str, str]:
    """The page of a program as HTML, {"page": …}, or its error with the place in the text, {"error": …}.

    An array without NumPy, which a browser may not have, is such an error too.
    """
    try:
        # One clock runs over all of it.
        with within(limits):
            return {"page": compile(text, limits=limits).page(exercise=exercise)}
    except WengertError as problem:
        return {"error": render(problem.diagnostic)}
    except ModuleNotFoundError as missing:
        if missing.name != "numpy":
            raise
        refused = error(UsageError, "W689", "this program computes with arrays, and this Python has no NumPy",
                        help="write it with numbers alone, or use wengert outside the browser")  # fmt: skip
        return {"error": render(refused.diagnostic)}
