"""Inputs with standard uncertainties, correlations and degrees of freedom, checked before anything is propagated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import inf, isnan
from typing import Any

from ...ground.errors import ArgumentError, UnknownName, UsageError, error, shown, suggestion
from ...ground.tuples import NamedTuple
from ...kernels.arguments import as_value
from ...lists.array_text import element, places

# A correlation matrix may miss being one by the rounding of printed digits: eigenvalues may fall so far below 0.
ROUNDING = 1e-8


class Uncertain(NamedTuple):
    """The numbers that have an uncertainty: the inputs, and of arrays their elements.

    labels        their names, such as `x` and `v[2]`
    inputs        the input that each belongs to
    sizes         for each input the number of its numbers
    sigma         their standard uncertainties: floats, or arrays with the axes of a batch
    correlations  the matrix of their correlation coefficients; None if there are none
    degrees       the degrees of freedom of each uncertainty
    """

    labels: tuple[str, ...]
    inputs: tuple[str, ...]
    sizes: dict[str, int]
    sigma: tuple[Any, ...]
    correlations: Any
    degrees: tuple[float, ...]

    def roots(self) -> Any:
        """A matrix M with M Mᵀ the correlations, without columns of zeros: a row for each number."""
        import numpy as np

        if self.correlations is None:
            return np.eye(len(self.labels))
        values, vectors = np.linalg.eigh(self.correlations)
        kept = values > ROUNDING * values[-1]
        return vectors[:, kept] * np.sqrt(values[kept])


def standard_uncertainty(given: Any, name: str) -> Any:
    """A standard uncertainty, a number or an array. Raises UsageError for one that is negative or not finite."""
    found = as_value(given, name)
    each = [found] if isinstance(found, float) else [float(found.min()), float(found.max())] if found.size else []
    for u in each:
        if not (0 <= u < inf):
            kind = "is not a number" if isnan(u) else "is infinite" if u > 0 else f"is negative: {u:.15g}"
            raise error(UsageError, "W660", f"the uncertainty of `{name}` {kind}",
                        help="a standard uncertainty is a finite number from 0 on")  # fmt: skip
    return found


def known(name: str, names: Iterable[str], kind: str = "input") -> str:
    """A name, if it is one of `names`. Raises UnknownName that suggests the nearest."""
    names = tuple(names)
    if name not in names:
        listed = ", ".join(names[:10]) + " …" * (len(names) > 10) or "none"
        help = suggestion(str(name), names) or f"the {kind}s are {listed}"
        raise error(UnknownName, "W101", f"no {kind} is called `{shown(name).strip(chr(39))}`", help=help)
    return name


def _number(given: Any) -> str:
    return f"{given:.15g}" if isinstance(given, float) else shown(given)


def degrees_of_freedom(given: Any, name: str) -> float:
    """The degrees of freedom of an uncertainty. Raises UsageError for anything but a number above 0, or inf."""
    found = given if isinstance(given, (int, float)) and not isinstance(given, bool) else -1.0
    if not found > 0:
        message = f"the degrees of freedom of `{name}` are a number above 0, not {_number(given)}"
        raise error(UsageError, "W662", message,
                    help="n - 1 for the mean of n readings; inf for a value that is known by other means")  # fmt: skip
    return float(found)


def coefficient(given: Any, first: str, second: str) -> float:
    """A correlation coefficient. Raises UsageError for anything but a number from -1 to 1."""
    found = given if isinstance(given, (int, float)) and not isinstance(given, bool) else 2.0
    if 1 < abs(found) <= 1 + ROUNDING:
        found = round(found)
    if not -1 <= found <= 1:
        raise error(UsageError, "W661", f"the correlation of `{first}` and `{second}` is a number from -1 to 1, not "
                    f"{_number(given)}")  # fmt: skip
    if first == second and abs(found - 1) > ROUNDING:
        raise error(UsageError, "W661", f"`{first}` is correlated with itself by 1, not {_number(given)}")
    return float(found)


def correlation_matrix(given: Any, labels: Sequence[str]) -> Any:
    """The matrix of correlations, from pairs {("V", "I"): 0.3}, or {"V,I": 0.3}, or a square array in the order of the
    labels; None if all are 0.

    Raises UsageError for coefficients beyond ±1, and for correlations that no quantities can have, UnknownName for a
    name that has no uncertainty.
    """
    import numpy as np

    if given is None or isinstance(given, Mapping) and not given:
        return None
    n = len(labels)
    if isinstance(given, Mapping):
        matrix = np.eye(n)
        for pair, value in given.items():
            i, j = (labels.index(known(name, labels, "uncertain input")) for name in pair_of(pair))
            matrix[i, j] = matrix[j, i] = coefficient(value, labels[i], labels[j])
    else:
        found = as_value(given, "correlations")
        if isinstance(found, float) or found.shape != (n, n):
            raise error(UsageError, "W661", f"the correlations of {n} uncertain inputs are a matrix of {n} by {n}",
                        help=f"in the order {', '.join(labels)}; or pairs: {{('V', 'I'): 0.3}}")  # fmt: skip
        matrix = np.eye(n)
        for i in range(n):
            for j in range(i + 1):
                if abs(found[i, j] - found[j, i]) > ROUNDING:
                    pair = f"`{labels[i]}` and `{labels[j]}`"
                    raise error(UsageError, "W661", f"the correlation matrix is not symmetric at {pair}: "
                                f"{found[i, j]:.15g} and {found[j, i]:.15g}")  # fmt: skip
                one = coefficient(float(found[i, j]), labels[i], labels[j])
                matrix[i, j] = matrix[j, i] = one if i != j else 1.0
    _refuse_contradictions(matrix, labels)
    return matrix if np.any(matrix != np.eye(n)) else None


def pair_of(given: Any) -> tuple[str, str]:
    """The two names of a correlation, from ("V", "I") or "V,I". Raises UsageError."""
    # "A[0,1],B" has a comma of its own.
    parts = [p.strip() for p in re.split(r",(?![^\[]*\])", given)] if isinstance(given, str) else given
    if not isinstance(parts, (tuple, list)) or len(parts) != 2 or not all(isinstance(p, str) and p for p in parts):
        raise error(UsageError, "W661", f"a correlation is of two inputs, not of {shown(given)}",
                    help="for instance ('V', 'I'), or `--corr V,I=0.3`")  # fmt: skip
    return parts[0], parts[1]


def _refuse_contradictions(matrix: Any, labels: Sequence[str]) -> None:
    import numpy as np

    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= -ROUNDING:
        return
    worst = vectors[:, 0] * np.sign(vectors[np.argmax(np.abs(vectors[:, 0])), 0])
    involved = [k for k in range(len(labels)) if abs(worst[k]) > 0.1]
    terms = "".join(f" {'-' if worst[k] < 0 else '+'} {abs(worst[k]):.2g}*{labels[k]}" for k in involved)
    raise error(
        UsageError, "W661", f"no quantities have these correlations of {', '.join(f'`{labels[k]}`' for k in involved)}",
        help=f"{terms.removeprefix(' + ').removeprefix(' ')}, each in units of its uncertainty, would have the "
        f"variance {values[0]:.2g}, and a variance is not negative",
    )  # fmt: skip


def uncertain(
    inputs: Sequence[str], core: Mapping[str, tuple[int, ...]], uncertainties: Mapping[str, Any], correlations: Any,
    degrees: Mapping[str, Any],
) -> Uncertain:  # fmt: skip
    """The numbers that have an uncertainty, of inputs with these core shapes. Raises UsageError, UnknownName."""
    import numpy as np

    for argument, given in (("uncertainties", uncertainties), ("degrees_of_freedom", degrees)):
        if not isinstance(given, Mapping):
            raise error(ArgumentError, "W602", f"`{argument}` is a mapping of names to values, not {shown(given)}")
    sigma = {n: standard_uncertainty(u, known(n, inputs)) for n, u in uncertainties.items()}
    labels: list[str] = []
    owners: list[str] = []
    each: list[Any] = []
    sizes = {}
    for n in (n for n in inputs if n in sigma and np.any(sigma[n])):
        if not core[n]:
            sizes[n] = 1
            labels.append(n)
            owners.append(n)
            each.append(sigma[n])
            continue
        try:
            whole = np.broadcast_to(sigma[n], core[n])
        except ValueError:
            raise error(UsageError, "W660", f"the uncertainty of `{n}` has the shape {np.shape(sigma[n])}, and `{n}` "
                        f"has {core[n]}") from None  # fmt: skip
        sizes[n] = whole.size
        for place in places(core[n]):
            labels.append(element(n, place))
            owners.append(n)
            each.append(float(whole[place]))
    found = [inf] * len(labels)
    for n, given in degrees.items():
        freedom = degrees_of_freedom(given, known(n, (*inputs, *labels)))
        for k, label in enumerate(labels):
            if n in (label, owners[k]):
                found[k] = freedom
    matrix = correlation_matrix(correlations, labels)
    return Uncertain(tuple(labels), tuple(owners), sizes, tuple(each), matrix, tuple(found))
