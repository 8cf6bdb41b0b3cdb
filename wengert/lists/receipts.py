"""The record of a rewrite: the change, and the reason."""

from __future__ import annotations

from ..ground.errors import Span
from ..ground.tuples import NamedTuple


class Receipt(NamedTuple):
    """One rewrite: the pass, the equation it changed, its old and new form, the reason, and where it stands in the
    text."""

    rewrite: str
    output: str
    before: str
    after: str
    reason: str
    span: Span | None
