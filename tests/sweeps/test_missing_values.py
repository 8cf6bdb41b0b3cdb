"""Values that are nan from the start, as nulls of a table become, are told and counted."""

import numpy as np
import pytest

import wengert as wg

X = np.array([1.0, np.nan, 3.0, np.nan])


def told(notes):
    return [n.message for n in notes if n.code == "W321"]


@pytest.mark.parametrize("kernel", ["interpreter", "numpy", "auto"])
def test_missing_values_are_counted(kernel):
    f = wg.compile("x*sin(y)", kernel=kernel)
    message = "2 of the 4 values of `x` are nan, as nulls of a table become; so is all that follows from it"
    for _ in range(3):
        assert told(f.value_and_grad(X, 2.0)[1].notes) == [message]
        assert told(f.jacobian(X, 2.0).notes) == [message]
        assert told(f.notes(X, 2.0)) == [message]
    assert len(told(f.notes(X, X))) == 2
    assert told(f.notes(X[:1], 2.0)) == []
    assert told(f.notes(float("nan"), 2.0)) == []


def test_columns_of_a_table():
    table = np.array([(1.0, 2.0), (np.nan, 3.0)], dtype=[("x", float), ("y", float)])
    assert len(told(wg.compile("x*y").value_and_grad(table)[1].notes)) == 1
