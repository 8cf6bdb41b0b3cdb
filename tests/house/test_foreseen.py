"""Work inside one op: its time is told before it runs, or checked on the way, and its memory is that of its answer."""

from __future__ import annotations

import re
import tracemalloc
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wengert as wg
import wengert.ground.limits
from wengert.ground.limits import Limits, time_left, within
from wengert.ground.names import ACCENTS, normalize, trouble
from wengert.ops import OPS
from wengert.ops.arrays import filters, linear_algebra, work
from wengert.repl.session import Session

# Ops whose time grows faster than the arrays they take and give, which the limit on elements does not bound.
CUBIC = ["det", "logdet", "inv", "solve", "cofactor", "cholesky", "eigvalsh", "eigh_vectors", "svdvals", "svd_left",
         "svd_right", "expm", "matmul", "matmul_t", "t_matmul"]  # fmt: skip


def large(n: int) -> Any:
    """A square matrix of n rows that takes no memory."""
    return np.broadcast_to(1.0, (n, n))


@pytest.mark.parametrize("name", CUBIC)
def test_work_that_takes_too_long_does_not_begin(name: str) -> None:
    row = OPS[name]
    matrices = [large(100_000)] * len(row.params.split())
    with within(Limits(seconds=0.5)), pytest.raises(wg.LimitError, match=r"takes about .* s: over the limit `seconds`"):
        row.forward.over(0, *matrices)  # type: ignore[union-attr]


def test_the_error_names_the_limit_and_the_op() -> None:
    f = wg.compile("input A[n,n]\nsum(expm(A))", limits=Limits(seconds=0.5))
    with pytest.raises(wg.LimitError, match=r"`expm` of these arrays takes about") as caught:
        f(np.zeros((3000, 3000)))
    assert "--limit seconds=N" in str(caught.value)


def test_an_estimate_is_of_all_matrices_of_a_batch() -> None:
    one = np.zeros((1, 300, 300))
    with within(Limits(seconds=0.05)):
        work.foresee("inv", work.INVERSE, 300, 300, 300, of=one)
        with pytest.raises(wg.LimitError):
            work.foresee("inv", work.INVERSE, 300, 300, 300, of=np.broadcast_to(one, (1000, 300, 300)))


def test_without_a_limit_nothing_is_refused() -> None:
    assert time_left() is None
    work.foresee("inv", work.INVERSE, 10**6, 10**6, 10**6)
    with within(Limits.trusted()):
        assert time_left() is None
        work.foresee("inv", work.INVERSE, 10**6, 10**6, 10**6)


def expired(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the time be up at the check of the clock with this number."""
    checks = iter(range(10**9))

    def check() -> None:
        if next(checks) >= after:
            raise wg.LimitError(wg.Diagnostic("W401", "error", "time"))

    for module in (filters, linear_algebra):
        monkeypatch.setattr(module, "check_clock", check)


LOOPS: dict[str, Callable[[], Any]] = {
    "convolve": lambda: filters.convolve(0, np.ones(10_000), np.ones(10_000)),
    "convolve batch": lambda: filters.convolve(1, np.ones((2, 50)), np.ones((2, 50))),
    "convolve_t": lambda: filters.convolve_t(0, np.ones(19_999), np.ones(10_000), np.ones(10_000)),
    "conv2d": lambda: filters.conv2d(0, np.ones((9, 9)), np.ones((4, 4))),
    "conv2d_x": lambda: filters.conv2d_x(0, np.ones((6, 6)), np.ones((4, 4)), np.ones((9, 9))),
    "conv2d_w": lambda: filters.conv2d_w(0, np.ones((6, 6)), np.ones((9, 9)), np.ones((4, 4))),
    "polyval": lambda: filters.polyval(0, np.ones(20), np.ones(3)),
    "polyval_t": lambda: filters.polyval_t(0, np.ones(3), np.ones(3), np.ones(20)),
    "tri_solve": lambda: linear_algebra.tri_solve(0, np.eye(20), np.ones(20)),
    "cofactor_slope": lambda: linear_algebra.cofactor_slope(0, np.eye(20), np.eye(20)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_long_loops_check_the_clock(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    LOOPS[name]()
    expired(monkeypatch, 3)
    with pytest.raises(wg.LimitError):
        LOOPS[name]()


def peak(call: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_convolution_of_images_takes_memory_for_images() -> None:
    """Not for all products of the image with the filter, which are 361 times as many here."""
    image, small, result = np.ones((200, 200)), np.ones((19, 19)), np.ones((182, 182))
    for call in (
        lambda: filters.conv2d(0, image, small),
        lambda: filters.conv2d_x(0, result, small, image),
        lambda: filters.conv2d_w(0, result, image, small),
    ):
        assert peak(call) < 12 * image.nbytes


@pytest.mark.parametrize("mode", [0, 1, 2])
@pytest.mark.parametrize(("n", "m"), [(1, 1), (7, 3), (3, 7), (64, 64), (200, 1)])
def test_a_convolution_in_pieces_is_the_whole_one(n: int, m: int, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(n * m)
    a, v = rng.normal(size=n), rng.normal(size=m)
    whole = filters.convolve(0, a, v, mode)
    back = filters.convolve_t(0, whole, v, a, mode)
    monkeypatch.setattr(filters, "_TURN", 20)
    np.testing.assert_allclose(filters.convolve(0, a, v, mode), whole, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(filters.convolve_t(0, whole, v, a, mode), back, rtol=1e-12, atol=1e-12)


# Text


def test_a_letter_has_a_few_accents() -> None:
    """Normal forms take time in the square of a run of accents: the run is refused before."""
    fine, crowd = "x" + "\u0301\u0327" * (ACCENTS // 2), "x" + "\u0301" * (ACCENTS + 1)
    assert normalize(fine) == unicodedata.normalize("NFKC", fine)
    assert not trouble(fine)
    assert normalize(crowd) == crowd
    assert "accents" in trouble(crowd)
    for text in (crowd, f"{crowd} = 3\n{crowd}", f"input {crowd}\n1", f"def f({crowd}) = 1\nf(2)"):
        with pytest.raises(wg.ParseError, match="accents on a letter"):
            wg.compile(text)
    with pytest.raises(wg.UnknownName):
        wg.compile("x")({crowd: 1.0})


def test_declared_sizes_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look for each: the sizes of n arrays take time in n."""
    from wengert.language.emitting import ParseState

    looks = []
    original = ParseState.learn_sizes
    monkeypatch.setattr(ParseState, "learn_sizes", lambda self, whose: (looks.append(whose), original(self, whose))[1])
    for n in (100, 200, 400):
        looks.clear()
        text = "input " + ", ".join(f"x{i}[n{i}] = [1, 2]" for i in range(n)) + "\nsum(x0)"
        assert wg.compile(text)() == 3.0
        assert len(looks) <= 2 * n
    assert wg.compile("input a[n] = [1, 2, 3], b[n]\nsum(a*b[i] for i in 0:n)").inputs == ("a", "b")


def test_a_message_on_many_sizes_is_short() -> None:
    sizes = ",".join(f"n{i}" for i in range(1000))
    with pytest.raises(wg.ParseError) as caught:
        wg.compile(f"input x[{sizes}] = 3\nsum(x)")
    assert re.search(r"… of 1,000 sizes", caught.value.diagnostic.message)
    assert len(caught.value.diagnostic.message) < 200


def test_a_session_of_a_file_has_one_clock(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    import io
    import sys

    from wengert.cli import main

    text = "a0 = x\n" + "".join(f"a{i + 1} = a{i} + x\n" for i in range(400))
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert main(["repl", "--limit", "seconds=0.05"]) == 3
    assert "`seconds`" in capsys.readouterr().err
    assert Session().limits.seconds == 60.0


def test_printing_is_clocked(capsys: Any) -> None:
    from wengert.lists.array_text import block, inline

    wide = np.arange(100_000.0)
    with within(Limits(seconds=0.0)):
        for text in (lambda: block(wide, "", True), lambda: inline(wide, 1 << 30)):
            with pytest.raises(wg.LimitError):
                text()
        from wengert.cli.screen import dumps

        with pytest.raises(wg.LimitError):
            dumps(wide.tolist(), indent=2)
