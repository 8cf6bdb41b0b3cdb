"""Sparse Hessians that are not sparse: their nonzeros are taken from the whole matrix, and cost no list of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import wengert as wg
from tests.kernels.test_linearised import long
from tests.oracles.programs import programs
from wengert.transforms.sparsity import crowded, hessian_pattern, sparse_hessian


@given(programs(smooth=True, bound=1e4))
def test_both_ways_give_the_same_places_and_values(case):
    wlist, point = case
    written = wg.compile(wlist, fuse=False).sparse_hessian(point)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(crowded.__globals__, "SHORT", 0)
        patch.setitem(crowded.__globals__, "CROWDED", -1)
        f = wg.compile(wlist, fuse=False)
        taken = f.sparse_hessian(point)
        assert crowded(f.running_list) == hessian_pattern(f.running_list)
    assert (taken.pattern, taken.row_names, taken.symmetric) == (written.pattern, written.row_names, True)
    size = max(1.0, *np.abs(written.values)) if len(written.values) else 1.0
    assert taken.values == pytest.approx(written.values, rel=1e-9, abs=1e-11 * size, nan_ok=True)


@pytest.mark.parametrize("lines", [300, 600, 1200])
def test_a_chain_of_scalars_costs_what_its_gradient_does(lines):
    """The equations written are counted by the limit: thirty for each line, at n, 2n and 4n lines."""
    limits = wg.Limits(equations=30 * lines)
    f = wg.compile(long(40, lines), limits=limits)
    assert len(f.sparse_hessian(*[0.2 + k / 40 for k in range(40)]).values) == 1600
    with pytest.raises(wg.LimitError, match="equations"):
        sparse_hessian(f.running_list, limits=limits)


def test_what_is_sparse_is_written_as_a_list():
    terms = " + ".join(f"sin(x{k}*x{k + 1})" for k in range(300))
    f = wg.compile(f"{terms}")
    assert crowded(f.running_list) is None
    assert len(f.sparse_hessian(*[0.1] * 301).values) == 301 + 2 * 300
