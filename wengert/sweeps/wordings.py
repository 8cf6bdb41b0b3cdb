"""How notes tell where derivatives at kinks come from."""

from __future__ import annotations

from collections.abc import Mapping

from ..ground.tuples import NamedTuple

REMOVABLE = "removable"
# By the kind of a place, the end of the sentence about it.
Says = Mapping[str, str]
BY_RULE: Says = {}


class Wording(NamedTuple):
    """The policy at kinks, and how derivatives were found that no rule gave."""

    policy: str = "mean"
    says: Says = BY_RULE


MEAN = Wording()
