"""`Receipt`: the record of a rewrite, with its reason."""

from __future__ import annotations

from ..ground.errors import Span
from ..ground.tuples import NamedTuple


class Receipt(NamedTuple):
    """One rewrite: the pass, the equation that it changed, its old and new form, the reason, and its place in the
    text."""

    rewrite: str
    output: str
    before: str
    after: str
    reason: str
    span: Span | None
