"""Shape rules of the ops of linear algebra, as in `dimensions`."""

from __future__ import annotations

from .dimensions import Dim, Mismatch, Shape, joined, shown


def ranked(a: Shape, rank: int) -> Shape:
    """A shape of the given rank. Raises Mismatch for a shape of another rank."""
    if a is not None and len(a) != rank:
        wanted = "a vector" if rank == 1 else "a matrix"
        what = ("a number", "a vector", "a matrix")[len(a)] if len(a) < 3 else f"an array of {len(a)} dimensions"
        raise Mismatch(f"it takes {wanted}, and this is {what}")
    return a


def side(a: Shape) -> Dim:
    """The number of rows, and of columns, of a square matrix. Raises Mismatch."""
    if ranked(a, 2) is None or a is None:
        return None
    if a[0] != a[1] and isinstance(a[0], int) and isinstance(a[1], int):
        raise Mismatch(f"it takes a square matrix, and {shown(a)} is not square")
    return joined(a[0], a[1])


def square(a: Shape, *rest: Shape, **statics: int) -> Shape:
    """The shape of the argument, a square matrix."""
    n = side(a)
    for b in rest:
        n = joined(n, side(b))
    return n, n


def of_square(a: Shape) -> Shape:
    """The shape of a number, for a square matrix."""
    side(a)
    return ()


def spectrum(a: Shape) -> Shape:
    """The shape of a vector with an element for each row of a square matrix."""
    return (side(a),)


def values_of(a: Shape) -> Shape:
    """The shape of a vector with an element for each row or each column of a matrix, whichever are fewer."""
    return (_fewer(a),)


def left_of(a: Shape) -> Shape:
    """The shape of the left singular vectors, one column for each singular value."""
    return None if ranked(a, 2) is None or a is None else (a[0], _fewer(a))


def right_of(a: Shape) -> Shape:
    """The shape of the right singular vectors, one column for each singular value."""
    return None if ranked(a, 2) is None or a is None else (a[1], _fewer(a))


def _fewer(a: Shape) -> Dim:
    if ranked(a, 2) is None or a is None:
        return None
    if isinstance(a[0], int) and isinstance(a[1], int):
        return min(a[0], a[1])
    return a[0] if a[0] == a[1] else None


def dotted(a: Shape, b: Shape) -> Shape:
    """The shape of a number, for two vectors of one length."""
    if (a is not None and len(a) == 2) or (b is not None and len(b) == 2):
        raise Mismatch("it takes vectors; products with matrices are written `a @ b`")
    if ranked(a, 1) is not None and ranked(b, 1) is not None and a is not None and b is not None:
        joined(a[0], b[0])
    return ()


def outer(a: Shape, b: Shape) -> Shape:
    """The shape of a matrix with a row for each element of the first vector and a column for each of the second."""
    ranked(a, 1)
    ranked(b, 1)
    return (None if a is None else a[0], None if b is None else b[0])


def crossed(a: Shape, b: Shape) -> Shape:
    """The shape of a vector of three elements, for two such vectors."""
    for s in (a, b):
        if ranked(s, 1) is not None and s is not None and isinstance(s[0], int) and s[0] != 3:
            raise Mismatch(f"it takes vectors of 3 elements, and this has {s[0]}")
    return (3,)


def kron(a: Shape, b: Shape) -> Shape:
    """The shape of the Kronecker product of two vectors or two matrices: products of their sizes."""
    for s in (a, b):
        if s is not None and not 1 <= len(s) <= 2:
            ranked(s, 2)
    if a is None or b is None:
        return None
    if len(a) != len(b):
        raise Mismatch("it takes two vectors, or two matrices")
    return tuple(m * n if isinstance(m, int) and isinstance(n, int) else None for m, n in zip(a, b))


def solved(a: Shape, b: Shape, **statics: int) -> Shape:
    """The shape of the right-hand side b, a vector or a matrix of columns, of a system with a square matrix."""
    n = side(a)
    if b is None:
        return None
    if not 1 <= len(b) <= 2:
        raise Mismatch("the right-hand side is a vector, or a matrix of columns")
    return (joined(n, b[0]), *b[1:])


def form(x: Shape, a: Shape) -> Shape:
    """The shape of a number, for a vector and a square matrix of its size."""
    ranked(x, 1)
    joined(side(a), None if x is None else x[0])
    return ()


def diagonal(a: Shape, k: int = 0) -> Shape:
    """The shape of a square matrix, for a vector as its diagonal; of a vector, for a matrix."""
    if a is None:
        return None
    if len(a) == 1:
        n = a[0] + abs(k) if isinstance(a[0], int) else a[0] if k == 0 else None
        return n, n
    ranked(a, 2)
    m, n = a
    if isinstance(m, int) and isinstance(n, int):
        return (max(min(m + min(k, 0), n - max(k, 0)), 0),)
    return (m if m == n and k == 0 else None,)


def diagonal_like(a: Shape, like: Shape, k: int = 0) -> Shape:
    """The shape of `like`, an argument of `diag`."""
    _fits(a, diagonal(like, k))
    return like


def left_like(p: Shape, b: Shape, like: Shape) -> Shape:
    """The shape of the left factor of a Kronecker product."""
    _fits(p, kron(like, b))
    return like


def right_like(p: Shape, a: Shape, like: Shape) -> Shape:
    """The shape of the right factor of a Kronecker product."""
    _fits(p, kron(a, like))
    return like


def _fits(a: Shape, want: Shape) -> None:
    """Raise Mismatch for a shape that is known to differ from the wanted one."""
    if a is not None and want is not None:
        if len(a) != len(want):
            raise Mismatch(f"{shown(a)} is not {shown(want)}")
        for have, d in zip(a, want):
            joined(have, d)


def matrix(a: Shape, k: int = 0, lower: int = 1) -> Shape:
    """The shape of the argument, a matrix."""
    return ranked(a, 2)


def pairs(a: Shape, signed: int = 1) -> Shape:
    """The shape of a square matrix, for a vector."""
    return None if ranked(a, 1) is None or a is None else (a[0], a[0])


def twin(a: Shape, e: Shape) -> Shape:
    """The shape of a square matrix of twice the size, for two square matrices of one size."""
    n = joined(side(a), side(e))
    return (2 * n, 2 * n) if isinstance(n, int) else (None, None)


def halved(a: Shape) -> Shape:
    """The shape of a square matrix of half the size."""
    n = side(a)
    if isinstance(n, int) and n % 2:
        raise Mismatch(f"{n} is no even size")
    return (n // 2, n // 2) if isinstance(n, int) else (None, None)
