"""Rows: linear algebra.

Unless a row names another source, its rules are those of M. B. Giles, "An extended collection of matrix derivative
results for forward and reverse mode automatic differentiation", Oxford report NA-08/01 (2008). The last rows serve the
rules of the others, so that derivatives of every order consist of ops of the table.

LAPACK reads only one triangle of a symmetric matrix. Here an op reads the mean of both triangles, so that it is a
function of all elements and has a derivative in each.

No op refuses a matrix for its values: a factor or an inverse that does not exist is nan, and the blame names the op.
"""

from __future__ import annotations

from ..parameters import ArrayFunction
from ..row import Kink, Notation, Op, Shaped
from ..shapes import dimensions
from ..shapes import linear_algebra as shapes

GILES = "Giles 2008, section"
SIMPLE = "tied ones share their derivative equally, and have no second one"
NO_INVERSE = (
    "a singular matrix has no inverse; add a small multiple of the identity, or remove what depends on the rest"
)


def _in(name: str) -> ArrayFunction:
    return ArrayFunction(f"linear_algebra.{name}")


# The part r of an adjoint of singular vectors that is orthogonal to all of them. The projection is done twice, because
# a later division by the smallest singular value would magnify the rounding error of a single one.
BESIDE = "s = svdvals(a); p = t_matmul(y, g); h = g - y @ p; r = h - y @ t_matmul(y, h); "

# fmt: off
ROWS: tuple[Op, ...] = (
    # Products
    Op("dot", "a b", ArrayFunction("matmul"), (), vjp=("g*b", "g*a"), array=Shaped(shapes.dotted, linear=("a", "b")),
       notation=Notation(latex=r"#1 \cdot #2"),
       doc="Scalar product of two vectors.", source="Leibniz' product rule"),
    Op("outer", "a b", ArrayFunction("matmul_t"), (), vjp=("g @ b", "a @ g"),
       array=Shaped(shapes.outer, linear=("a", "b")), notation=Notation(latex=r"#1 \otimes #2"), ulps=0.5,
       doc="Outer product of two vectors: a[i]*b[j] in row i and column j.", source="Leibniz' product rule"),
    Op("cross", "a b", _in("cross"), (), vjp=("cross(b, g)", "cross(g, a)"),
       array=Shaped(shapes.crossed, linear=("a", "b")), notation=Notation(latex=r"#1 \times #2"),
       doc="Cross product of two vectors of three elements.",
       source="u · (v × w) is the same for every turn of u, v, w"),
    Op("kron", "a b", _in("kron"), (), vjp=("kron_left(g, b, a)", "kron_right(g, a, b)"),
       array=Shaped(shapes.kron, linear=("a", "b")), notation=Notation(latex=r"#1 \otimes #2"), ulps=0.5,
       doc="Kronecker product of two matrices, or two vectors: b times each element of a, in its place.",
       source="Leibniz' product rule"),
    Op("quad_form", "x a", _in("quad_form"), (), vjp=("g*(a @ x + x @ a)", "g*outer(x, x)"), array=Shaped(shapes.form),
       notation=Notation(latex=r"{#1}^{\top} #2 \, #1"),
       doc="The quadratic form x @ a @ x.", source="Leibniz' product rule"),

    # Diagonals and triangles
    Op("diag", "a", _in("diag"), (), ("diagonal",), statics="k=0", vjp=("diag_like(g, a{k})",),
       array=Shaped(shapes.diagonal, linear=("a",), moves="some"),
       notation=Notation(latex=r"\operatorname{diag}\left(#1\right)"), ulps=0,
       doc="Of a vector the matrix with it on the diagonal, of a matrix its diagonal; the k-th above it.",
       source="by definition"),
    Op("diag_like", "a like", _in("diag_like"), (), statics="k=0", vjp=("diag(g{k})", None),
       array=Shaped(shapes.diagonal_like, linear=("a",), moves="some"),
       notation=Notation(latex=r"\operatorname{diag}^{\top}\left(#1\right)_{#2}"), ulps=0,
       of_rules=True,
       doc="a put back where diag takes it from: the diagonal of a matrix, or the vector on it.",
       source="the adjoint of diag"),
    Op("trace", "a", _in("trace"), (), ("tr",), vjp=("diag(spread(g, diag(a)))",),
       array=Shaped(shapes.of_square, linear=("a",), moves="some"), notation=Notation(latex=r"\operatorname{tr} #1"),
       doc="The sum of the diagonal of a square matrix.", source="linear"),
    Op("tril", "a", _in("tril"), (), statics="k=0", vjp=("tril(g{k})",),
       array=Shaped(shapes.matrix, linear=("a",), moves="some"),
       notation=Notation(latex=r"\operatorname{tril}\left(#1\right)"), ulps=0,
       doc="A matrix with zeros above its diagonal, or the k-th above that.", source="by definition"),
    Op("triu", "a", _in("triu"), (), statics="k=0", vjp=("triu(g{k})",),
       array=Shaped(shapes.matrix, linear=("a",), moves="some"),
       notation=Notation(latex=r"\operatorname{triu}\left(#1\right)"), ulps=0,
       doc="A matrix with zeros below its diagonal, or the k-th above that.", source="by definition"),
    Op("sym", "a", _in("sym"), (), vjp=("sym(g)",), array=Shaped(shapes.square, linear=("a",)),
       notation=Notation(latex=r"\operatorname{sym}\left(#1\right)"), ulps=0.5,
       doc="The symmetric part of a square matrix, (a + a.T)/2.", source="linear"),

    # Determinants, inverses, systems of equations
    Op("det", "a", _in("det"), (), vjp=("g*cofactor(a)",), array=Shaped(shapes.of_square, apart="elimination.det"),
       notation=Notation(latex=r"\det #1"),
       doc="Determinant, within n^3 roundings times |a| |cofactor(a)|. Its first two derivatives are right at singular "
           "matrices too, further ones nan there.",
       source="Jacobi's formula: the gradient of a determinant is the matrix of cofactors"),
    Op("logdet", "a", _in("logdet"), (), ("logabsdet",), provided="det(a) != 0", vjp=("g*inv(a.T)",),
       array=Shaped(shapes.of_square, apart="elimination.logdet"), notation=Notation(latex=r"\log\left|\det #1\right|"),
       remedy="a singular matrix has the determinant 0, which has no logarithm",
       doc="Logarithm of the absolute value of the determinant, where that itself may over- or underflow.",
       source=f"{GILES} 2.2.4"),
    Op("inv", "a", _in("inv"), (), ("inverse",), provided="det(a) != 0", vjp=("-t_matmul(y, matmul_t(g, y))",),
       array=Shaped(shapes.square, apart="elimination.inv"), notation=Notation(latex=r"{#1}^{-1}"), remedy=NO_INVERSE,
       doc="Inverse of a square matrix, its relative error some roundings times the condition number.",
       source=f"{GILES} 2.2.3"),
    Op("solve", "a b", _in("solve"), (), provided="det(a) != 0", vjp=("-matmul_t(solve(a.T, g), y)", "solve(a.T, g)"),
       array=Shaped(shapes.solved, apart="elimination.solve"),
       notation=Notation(latex=r"{#1}^{-1} #2"), remedy=NO_INVERSE,
       doc="The solution x of a @ x = b, a vector or columns, by Gaussian elimination with pivots: backward stable.",
       source=f"{GILES} 2.3.1"),
    Op("tri_solve", "a b", _in("tri_solve"), (), provided="diag(a) != 0", statics="lower=1",
       vjp=("-triangle(matmul_t(tri_solve_t(a, g{lower}), y){lower})", "tri_solve_t(a, g{lower})"),
       array=Shaped(shapes.solved), notation=Notation(latex=r"\operatorname{tri}\left(#1\right)^{-1} #2"),
       remedy=NO_INVERSE,
       doc="The solution of a @ x = b by substitution, where a is lower triangular, or upper for lower=0; the other "
           "triangle is not read.", source=f"{GILES} 2.3.1, of a triangle alone"),
    Op("tri_solve_t", "a b", _in("tri_solve_t"), (), provided="diag(a) != 0", statics="lower=1",
       vjp=("-triangle(matmul_t(y, tri_solve(a, g{lower})){lower})", "tri_solve(a, g{lower})"),
       array=Shaped(shapes.solved), notation=Notation(latex=r"\operatorname{tri}\left(#1\right)^{-\top} #2"),
       remedy=NO_INVERSE,
       of_rules=True,
       doc="The solution of a.T @ x = b, where a is lower triangular, or upper for lower=0.",
       source=f"{GILES} 2.3.1, of a triangle alone"),

    # Factors and spectra
    Op("cholesky", "a", _in("cholesky"), (), ("chol",), provided="eigvalsh(a) > 0",
       vjp=("sym(tri_solve_t(y, tri_solve_t(y, half_tril(t_matmul(y, g))).T))",),
       array=Shaped(shapes.square, apart="elimination.cholesky"),
       notation=Notation(latex=r"\operatorname{chol}\left(#1\right)"),
       remedy="the factor exists for positive definite matrices; add a small multiple of the identity",
       doc="The lower triangular l with l @ l.T = a, of the symmetric part of a.",
       source="I. Murray, arXiv:1602.07527 (2016), section 3.2"),
    Op("eigvalsh", "a", _in("eigvalsh"), (),
       kinks=(Kink("0 < tied(y) < 1", "tie", f"of eigenvalues alike to rounding, {SIMPLE}"),),
       vjp=("v = eigh_vectors(a); matmul_t(v*(tied(y) @ g), v)",), array=Shaped(shapes.spectrum),
       notation=Notation(latex=r"\lambda\left(#1\right)"),
       doc="Eigenvalues of the symmetric part of a, in ascending order, each within some roundings of the largest.",
       source=f"{GILES} 3.1"),
    Op("eigh_vectors", "a", _in("eigh_vectors"), (),
       kinks=(Kink("0 < tied(eigvalsh(a)) < 1", "undefined", "vectors of eigenvalues alike to rounding may turn"),),
       vjp=("sym(y @ matmul_t(gaps(eigvalsh(a))*t_matmul(y, g), y))",), array=Shaped(shapes.square),
       notation=Notation(latex=r"V\left(#1\right)"),
       doc="Eigenvectors of the symmetric part of a as columns, in the order of eigvalsh; the largest element of each "
           "is positive.", source=f"{GILES} 3.1"),
    Op("svdvals", "a", _in("svdvals"), (),
       kinks=(Kink("0 < tied(y) < 1", "tie", f"of singular values alike to rounding, {SIMPLE}"),
              Kink("sum(tied(y, signed=0), axis=1) == 0", "kink",
                   "where a singular value is 0 to rounding the mean over all directions, 0, is used")),
       vjp=("matmul_t(svd_left(a)*(tied(y, signed=0) @ g), svd_right(a))",), array=Shaped(shapes.values_of),
       notation=Notation(latex=r"\sigma\left(#1\right)"),
       doc="Singular values of a matrix, in descending order, each within some roundings of the largest.",
       source=f"{GILES} 3.2"),
    Op("svd_left", "a", _in("svd_left"), (),
       kinks=(Kink("0 < tied(svdvals(a)) < 1", "undefined", "vectors of singular values alike to rounding may turn"),),
       vjp=(f"{BESIDE}matmul_t(y @ ((p - p.T)*gaps(s)/(outer(s, s*0 + 1) + s)*s) + r/s, svd_right(a))",),
       array=Shaped(shapes.left_of), notation=Notation(latex=r"U\left(#1\right)"),
       doc="Left singular vectors as columns, in the order of svdvals; the largest element of each is positive.",
       source="J. Townsend, \"Differentiating the Singular Value Decomposition\" (2016), eqs. 31-33"),
    Op("svd_right", "a", _in("svd_right"), (),
       kinks=(Kink("0 < tied(svdvals(a)) < 1", "undefined", "vectors of singular values alike to rounding may turn"),),
       vjp=(f"{BESIDE}matmul_t(svd_left(a), y @ ((p - p.T)*gaps(s)/(outer(s, s*0 + 1) + s)*s) + r/s)",),
       array=Shaped(shapes.right_of), notation=Notation(latex=r"V\left(#1\right)"),
       doc="Right singular vectors as columns, with the signs that fit those of svd_left.",
       source="J. Townsend, \"Differentiating the Singular Value Decomposition\" (2016), eqs. 31-33"),

    # Functions of matrices, norms
    Op("expm", "a", _in("expm"), (), vjp=("expm_frechet(a.T, g)",), array=Shaped(shapes.square),
       notation=Notation(latex=r"e^{#1}"),
       doc="Exponential function of a square matrix, by scaling and squaring of a Padé approximant.",
       source="the adjoint of a Fréchet derivative is that at the transpose: A. H. Al-Mohy, N. J. Higham, SIAM J. "
              "Matrix Anal. Appl. 30 (2009), section 1"),
    Op("expm_frechet", "a e", _in("expm_frechet"), (),
       vjp=("twin_diagonal(expm_frechet(twin(a, e).T, twin(zeros_like(g), g)))", "expm_frechet(a.T, g)"),
       array=Shaped(shapes.square), notation=Notation(latex=r"L\left(#1, #2\right)"),
       doc="Fréchet derivative of expm at a in the direction e: a corner of the exponential of [[a, e], [0, a]].",
       source="N. J. Higham, \"Functions of Matrices\", SIAM 2008, section 3.2"),
    Op("norm", "a", _in("norm"), (), kinks=(Kink("y == 0", "kink", "the mean over all directions, 0, is used"),),
       statics="axis=none keepdims=0",
       vjp=("s = spread(y, a{statics}); where(stop_gradient(s) == 0, sign(a), a/s)*spread(g, a{statics})",),
       array=Shaped(dimensions.reduced, folds="hypot"), notation=Notation(latex=r"\left\|#1\right\|#s"),
       doc="Euclidean norm of all elements (of a matrix Frobenius'), or of those along some axes; squares neither "
           "overflow nor vanish.", source="by the chain rule"),

    # Ops of the rules above
    Op("kron_left", "p b like", _in("kron_left"), (), vjp=("kron(g, b)", "kron_right(p, g, b)", None),
       array=Shaped(shapes.left_like, linear=("p", "b")),
       notation=Notation(latex=r"\left\langle #1, #2\right\rangle_2"),
       of_rules=True,
       doc="The adjoint of the left factor of a Kronecker product, from that of the product and the right factor.",
       source="the adjoint of a product"),
    Op("kron_right", "p a like", _in("kron_right"), (), vjp=("kron(a, g)", "kron_left(p, g, a)", None),
       array=Shaped(shapes.right_like, linear=("p", "a")),
       notation=Notation(latex=r"\left\langle #1, #2\right\rangle_1"),
       of_rules=True,
       doc="The adjoint of the right factor of a Kronecker product, from that of the product and the left factor.",
       source="the adjoint of a product"),
    Op("triangle", "a", _in("triangle"), (), statics="lower=1", vjp=("triangle(g{lower})",),
       array=Shaped(shapes.matrix, linear=("a",), moves="some"),
       notation=Notation(latex=r"\operatorname{tri}\left(#1\right)"), ulps=0,
       of_rules=True,
       doc="The lower triangle of a matrix, or for lower=0 the upper, and zeros.", source="by definition"),
    Op("half_tril", "a", _in("half_tril"), (), vjp=("half_tril(g)",), array=Shaped(shapes.square, linear=("a",)),
       notation=Notation(latex=r"\Phi\left(#1\right)"), ulps=0,
       of_rules=True,
       doc="The lower triangle of a matrix with half its diagonal.", source="Murray 2016, eq. 9"),
    Op("cofactor", "a", _in("cofactor"), (), vjp=("cofactor_slope(g, a)",),
       array=Shaped(shapes.square, apart="elimination.cofactor"),
       notation=Notation(latex=r"\operatorname{cof}\left(#1\right)"),
       doc="The matrix of cofactors, det(a)*inv(a).T where that exists, within n^3 roundings times |a|^(n-1).",
       source="a determinant is linear in each row: its second derivative is symmetric"),
    Op("cofactor_slope", "p a", _in("cofactor_slope"), (), vjp=("cofactor_slope(g, a)",
            "b = inv(a); q = b @ p; r = b @ g; s = trace(q); t = trace(r); "
            "det(a)*((s*t - trace(q @ r))*b - s*(r @ b) - t*(q @ b) + q @ r @ b + r @ q @ b).T"),
       array=Shaped(shapes.square, apart="elimination.cofactor_slope"),
       notation=Notation(latex=r"\operatorname{cof}'\left(#2\right) #1"),
       of_rules=True,
       doc="The derivative of the matrix of cofactors of a in the direction p.",
       source="det(a + x) = det(a) det(1 + inv(a) x), expanded to the third order"),
    Op("tied", "a", _in("tied"), (), statics="signed=1", vjp=(None,), array=Shaped(shapes.pairs),
       notation=Notation(latex=r"T\left(#1\right)"),
       of_rules=True,
       doc="1/m where an element of a vector is equal, to rounding of the largest, to one of m; for signed=0 rows of "
           "those equal to 0 are 0.", source="by definition"),
    Op("gaps", "a", _in("gaps"), (), vjp=("sum(g*y*y, axis=1) - sum(g*y*y, axis=0)",), array=Shaped(shapes.pairs),
       notation=Notation(latex=r"F\left(#1\right)"),
       of_rules=True,
       doc="1/(a[j] - a[i]) in row i and column j, nan where these are equal to rounding, 0 on the diagonal.",
       source="by the quotient rule"),
    Op("twin", "a e", _in("twin"), (), vjp=("twin_diagonal(g)", "twin_corner(g)"),
       array=Shaped(shapes.twin, linear=("a e",)),
       notation=Notation(latex=r"\begin{pmatrix}#1 & #2\\0 & #1\end{pmatrix}"), ulps=0,
       of_rules=True,
       doc="The matrix of blocks [[a, e], [0, a]].", source="linear"),
    Op("twin_corner", "a", _in("twin_corner"), (), vjp=("twin(zeros_like(g), g)",),
       array=Shaped(shapes.halved, linear=("a",)), notation=Notation(latex=r"\left(#1\right)_{12}"), ulps=0,
       of_rules=True,
       doc="The upper right block of four.", source="the adjoint of twin"),
    Op("twin_diagonal", "a", _in("twin_diagonal"), (), vjp=("twin(g, zeros_like(g))",),
       array=Shaped(shapes.halved, linear=("a",)),
       notation=Notation(latex=r"\left(#1\right)_{11} + \left(#1\right)_{22}"), ulps=0.5,
       of_rules=True,
       doc="The sum of the two blocks on the diagonal, of four.", source="the adjoint of twin"),
)
