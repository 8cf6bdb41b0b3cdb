"""Errors about shapes speak the text: they name an op that it names, or the part that stands for the op."""

from __future__ import annotations

import re

import numpy as np
import pytest

import wengert as wg
from wengert.ops import ALIASES, OPS

TEXTS = (
    "x[5]", "sum(x[i] for i in 0:5)", "[[1, 2], [3]] @ x", "A = [[1, 2, 3]]; A[2, 0]", "x + [1, 2]", "x.T @ [1, 2]",
    "solve(x, x)", "max(x, [1, 2])", "det(x)", "x[1:2, 0]", "sum(x[k + 1]*x[k] for k in 0:30)", "B = [x, [1]]; B",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_no_op_is_named_that_the_text_does_not_name(text: str) -> None:
    with pytest.raises(wg.WengertError, match="W7") as caught:
        wg.compile(text)(x=np.array([1.0, 2.0, 3.0]))
    for word in re.findall(r"`([^`]+)`", caught.value.diagnostic.message):
        assert word in text or (word not in OPS and word not in ALIASES), word
