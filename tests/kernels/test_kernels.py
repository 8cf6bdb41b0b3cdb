"""Every kernel gives the answers of the sweeps, bit for bit: over rows and edges, random programs, corpora, long lists.

A kernel that is added is one more entry of `KERNELS`, and all that follows holds for it.
"""

from __future__ import annotations

import copy
import itertools
import json
import math
import pickle
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given

import wengert as wg
from tests import FULL, some
from tests.corpora.test_corpora import floats, rows
from tests.oracles.programs import DEAR, ELEMENTWISE, programs
from wengert.api.expects import expectations
from wengert.ground.limits import within
from wengert.kernels import routes
from wengert.kernels.bytecode import Bytecode
from wengert.kernels.flat_python import EXPRESSIONS, TWINS
from wengert.kernels.routes import LATER, SHORT
from wengert.lists.code import code_of, last_uses
from wengert.ops import OPS
from wengert.sweeps.forward import evaluate, forward_sweep
from wengert.sweeps.numbers import Numbers

INSTALLED = [kernel for kernel in routes.kernels() if not kernel.missing()]
KERNELS = [kernel.name for kernel in INSTALLED]
SAMPLES = Path(__file__).parents[2] / "samples"
EDGES = (0.0, -0.0, 5e-324, -5e-324, 1.0, -1.0, 0.5, 2.0, 3.0, 1e308, -1e308, math.inf, -math.inf, math.nan)
TELLING = (0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan)

inf, nan = math.inf, math.nan


def bits(values: Sequence[float]) -> list[str]:
    """Floats as equality of bits tells them apart; every nan is one."""
    assert all(type(v) is float for v in values)
    return [v.hex() for v in values]


def swept(f: wg.Function, point: Sequence[float], wrt: Sequence[str] | None = None) -> list[str]:
    """The bits of value and gradient as the sweeps find them: the first call of an equal function."""
    first = wg.compile(f.wengert_list, fuse=f.fuse, kink=f.kink)
    value, gradient = first.value_and_grad(*point, wrt=wrt)
    assert first.kernel.startswith("sweeps")
    return bits([value, *gradient])


def same(f: wg.Function, point: Sequence[float], want: list[str] | None = None) -> None:
    """That a kernel gives what sweeps do, at once and again."""
    want = swept(f, point) if want is None else want
    for _ in range(2):
        value, gradient = f.value_and_grad(*point)
        assert bits([value, *gradient]) == want
        assert bits([f(*point)]) == want[:1]


def places(row: wg.Op, n: int) -> list[tuple[float, ...]]:
    """Edge values for n arguments: all of one; of two all pairs of the most telling, and some others; some of more."""
    choose, dear = random.Random(row.name), row.name in DEAR
    if n <= 2 and not dear:
        combined = list(itertools.product(EDGES, repeat=n))
        if n == 1 or FULL:
            return combined
        return [*itertools.product(TELLING, repeat=n), *choose.sample(combined, 30)]
    return [tuple(choose.choice(EDGES) for _ in range(n)) for _ in range(some(15 if dear else 150))]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_a_row_at_its_edges(row):
    n = len(row.params.split()) + ("*" in row.params)
    names = tuple(f"x{i}" for i in range(n))
    wlist = wg.WengertList([("y", row.name, names)], names)
    plain = wg.compile(wlist, fuse=False)
    want = [(point, swept(plain, point)) for point in places(row, n)]
    for kernel in KERNELS:
        f = wg.compile(wlist, kernel=kernel, fuse=False)
        for point, bits_of_sweeps in want:
            value, gradient = f.value_and_grad(*point)
            assert bits([value, *gradient]) == bits_of_sweeps, (kernel, point)


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_random_programs(kink):
    @given(programs())
    def law(program):
        wlist, point = program
        want = swept(wg.compile(wlist, kink=kink), list(point.values()))
        for kernel in KERNELS:
            same(wg.compile(wlist, kernel=kernel, kink=kink), list(point.values()), want)

    law()


@given(programs(outputs=4))
def test_random_programs_of_several_outputs(program):
    wlist, point = program
    want = bits(evaluate(wlist, point, Numbers(wlist.ops)))
    for kernel in KERNELS:
        found = wg.compile(wlist, kernel=kernel, fuse=False)(point)
        assert bits(list(found) if isinstance(found, tuple) else [found]) == want, kernel


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("corpus", ["feynman.tsv", "symbolic_regression.tsv"])
def test_corpora(corpus, kernel):
    met = 0
    for row in rows(corpus):
        if not row["point"]:
            continue
        point = floats(json.loads(row["point"]))
        f = wg.compile(row["formula"], inputs=tuple(point), kernel=kernel)
        same(f, [point[n] for n in f.inputs])
        met += 1
    assert met > 90


@pytest.mark.parametrize("kernel", KERNELS)
def test_second_derivatives_and_ops_of_the_program(kernel):
    ops = "op twice(a) = a + a with d/da = 2\nop more(a) = twice(a)*a with d/da = 4*a\nmore(x) + twice(y)"
    texts = [
        "where(x > 0, -x, y)",
        "y - x if x > 1 else sqrt(-x)",
        "d(x*sin(x*y), x)*y",
        ops,
        "where(x > 0, sqrt(x), 0)*y",
        "max(x, y, 2)^2 + min(x, y)",
        "pi*x + e^y",
    ]
    for text in texts:
        f = wg.compile(text, kernel=kernel)
        for point in ((0.7, 1.3), (-0.7, 1.3), (0.0, 0.0)):
            same(f, point[: len(f.inputs)])


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_a_kernel_is_asked_for_runs(kernel):
    f = wg.compile("x*y + sin(x)", kernel=kernel)
    f.value_and_grad(1.0, 2.0)
    assert f.kernel == f"{kernel}: a list of 3 equations, as asked for"
    assert pickle.loads(pickle.dumps(f)).options.kernel == kernel
    assert f.value_and_grad(1, y=2) == f.value_and_grad(1.0, 2.0)


def test_a_list_gets_its_kernel_when_it_pays():
    short = wg.compile("x*y + sin(x)")
    short.value_and_grad(1.0, 2.0)
    assert short.kernel == "sweeps: call 1 of a list of 3 equations, which gets a kernel at call 2"
    short.value_and_grad(1.0, 2.0)
    assert short.kernel.startswith("python: ")
    long = wg.compile(" + ".join(f"sin({k}*x)" for k in range(SHORT)))
    kernels = []
    for _ in range(LATER + 1):
        long.value_and_grad(0.3)
        kernels.append(long.kernel.partition(":")[0])
    assert kernels == ["sweeps"] * (LATER - 1) + ["python"] * 2


def test_a_list_too_long_for_a_kernel_gets_the_next():
    f = wg.compile(" + ".join(f"sin({k}*x)" for k in range(1000)), kernel="python")
    same(f, (0.3,))
    assert f.kernel.startswith("bytecode: " if not Bytecode().missing() else "interpreter: ")
    assert f.kernel.endswith(" equations, as the list is too long for `python`")


def test_a_kernel_over_a_limit_leaves_the_sweeps():
    text = " + ".join(f"sin({k}*x)" for k in range(100))
    f = wg.compile(text, limits=wg.Limits(equations=350))
    want = swept(wg.compile(text), (0.3,))
    for _ in range(LATER + 1):
        value, gradient = f.value_and_grad(0.3)
        assert bits([value, *gradient]) == want
    assert f.kernel.startswith("sweeps: no kernel, as the list grows too long: over the limit")


def test_notes_and_kinks_are_those_of_the_sweeps():
    for text, point in [("abs(x)*y", (0.0, 2.0)), ("sqrt(x)*y", (0.0, 2.0)), ("max(x, y)", (1.0, 1.0))]:
        f = wg.compile(text)
        first, second, third = (f.value_and_grad(*point)[1].notes for _ in range(3))
        assert f.kernel.startswith("python")
        assert first
        assert [n.message for n in first] == [n.message for n in second] == [n.message for n in third]
    strict = wg.compile("log(x)", strict=True)
    for _ in range(3):
        strict.value_and_grad(2.0)
    with pytest.raises(wg.DomainError):
        strict.value_and_grad(-1.0)
    with pytest.raises(wg.DomainError):
        strict(0.0)
    sharp = wg.compile("abs(x)", kink="error")
    for _ in range(3):
        sharp.value_and_grad(2.0)
    with pytest.raises(wg.KinkError):
        sharp.value_and_grad(0.0)


def test_an_answer_of_a_kernel_is_a_gradient_like_any_other():
    f = wg.compile("abs(x)*y")
    first, *others = (f.value_and_grad(0.0, 2.0)[1] for _ in range(4))
    for ready in others:
        assert pickle.loads(pickle.dumps(ready)) == copy.copy(ready) == first
        assert pickle.loads(pickle.dumps(ready)).notes == first.notes
        assert (ready.names, ready["y"], repr(ready), dict(ready)) == (("x", "y"), 0.0, repr(first), dict(first))
        with pytest.raises(AttributeError):
            _ = ready.other


def test_an_unknown_kernel_is_refused():
    with pytest.raises(wg.UsageError, match="did you mean `interpreter`"):
        wg.compile("x", kernel="interpeter")


@pytest.mark.parametrize("kernel", INSTALLED, ids=KERNELS)
def test_expressions_and_twins_are_their_functions(kernel):
    for row in ELEMENTWISE:
        if row.forward not in EXPRESSIONS and row.forward not in TWINS and row.forward is not OPS["pow"].forward:
            continue
        n = len(row.params.split()) + ("*" in row.params)
        names = tuple(f"x{i}" for i in range(n))
        run = kernel.prepare(code_of(wg.WengertList([("y", row.name, names)], names)))
        for point in places(row, n):
            assert bits([run(*point)[0]]) == bits([row.forward(*point)]), (row.name, point)


@given(programs(outputs=3))
def test_code_is_the_list(program):
    """Run by slot with values dropped after their last use, a code gives the outputs, and holds nothing else."""
    wlist, point = program
    code = code_of(wlist)
    slots = dict(enumerate([*point.values(), *code.numbers]))
    apply = Numbers(wlist.ops)
    for k, ((row, args), done) in enumerate(zip(code.steps, last_uses(code), strict=True)):
        slots[code.first + k] = apply(row.name, *[slots[s] for s in args])
        for s in done:
            del slots[s]
    tape = forward_sweep(wlist, point, apply)
    assert bits([slots[s] for s in code.outputs]) == bits(
        [tape[a] if isinstance(a, str) else a for a in wlist.outputs]
    )  # fmt: skip
    unused = {k for k in range(len(point)) if not any(k in args for _, args in code.steps)}
    assert set(slots) <= {*code.outputs, *range(len(point), code.first), *unused}


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_derivative_of_random_programs(kernel, monkeypatch):
    """Tangents, adjoints, Jacobians in each mode, Hessians and their products."""
    # A product at a kink takes a whole matrix and a second call of it: no number of calls earns a kernel here.
    monkeypatch.setattr(routes, "SHORT", -1)
    monkeypatch.setattr(routes, "LATER", 10**9)

    @given(programs(outputs=3, most=12))
    def law(program):
        wlist, point = program
        f, g = wg.compile(wlist, kernel=kernel), wg.compile(wlist)
        direction = {n: 0.3 + k for k, n in enumerate(point)}
        weights = {n: 1.5 - k for k, n in enumerate(f.outputs)}
        asked = [
            lambda f: f.jvp(point, direction),
            lambda f: f.jvp(point, dict([*direction.items()][1:])),
            lambda f: f.vjp(point, weights),
            *(lambda f, mode=mode: f.jacobian(point, mode=mode) for mode in ("auto", "reverse", "forward", "mixed")),
        ]
        if len(f.outputs) == 1:
            asked += [lambda f: f.hvp(point, direction), lambda f: f.hessian(point)]
        for ask in asked:
            a, b = ask(f), ask(g)
            assert g.kernel.startswith("sweeps")
            assert flat_bits(a) == flat_bits(b)
            if (notes := getattr(b, "notes", None)) is not None:
                assert [n.message for n in a.notes] == [n.message for n in notes]

    law()


def flat_bits(found) -> list[str]:
    """The bits of derivatives, but for the sign of a zero: a kernel adds the zero of a branch that is not taken, and a
    sweep adds nothing."""
    if isinstance(found, float):
        return bits([found + 0.0])
    return [b for part in found for b in flat_bits(part)]


@pytest.mark.parametrize("kernel", KERNELS)
def test_derivatives_run_on_the_kernel(kernel):
    f = wg.compile("x*y + sin(x)*y^3", kernel=kernel)
    point, v = (0.3, 0.7), (1.0, 2.0)
    for _ in range(2):
        for ask in (lambda: f.jvp(point, v), lambda: f.vjp(point), lambda: f.jacobian(*point),
                    lambda: f.hvp(point, v), lambda: f.hessian(*point), lambda: f(*point)):  # fmt: skip
            ask()
            assert f.kernel.startswith(kernel)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_bound_function_takes_floats_and_gives_a_tuple(kernel):
    f = wg.compile("x*log(y)", kernel=kernel)
    k = f.bind("value_and_grad")
    for point in ((0.5, 2.0), (0.5, -1.0), (0.5, 0.0), (inf, 2.0)):
        found = k(*point)
        assert type(found) is tuple
        assert bits(found) == swept(f, point)
        assert bits(f.bind("value")(*point)) == swept(f, point)[:1]
    assert bits(k(2, 3)) == swept(f, (2.0, 3.0))
    two = wg.compile("a = x*y\nb = x + y\noutput a, b", kernel=kernel)
    assert two.bind("value")(2.0, 3.0) == (6.0, 5.0)
    for wrong in (lambda: k(1.0), lambda: k(1.0, 2.0, 3.0), lambda: k("1", 2.0), lambda: f.bind("hessain"),
                  lambda: two.bind("value_and_grad")):  # fmt: skip
        with pytest.raises(wg.UsageError):
            wrong()
    with pytest.raises(wg.DomainError):
        wg.compile("log(x)", strict=True, kernel=kernel).bind()(-1.0)
    with pytest.raises(wg.KinkError):
        wg.compile("abs(x)", kink="error", kernel=kernel).bind()(0.0)


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_limit_of_time_holds(kernel):
    wg.register("slow", lambda a: (time.sleep(0.02), a)[1], "1", replace=True)
    text = " + ".join(f"slow({k}*x)" for k in range(40))
    f = wg.compile(text, kernel=kernel)
    f.value_and_grad(1.0)
    before = wg.compile(text, kernel="interpreter", limits=wg.Limits(seconds=30))
    with within(wg.Limits(seconds=0.0)), pytest.raises(wg.LimitError):
        f.value_and_grad(1.0)
    with within(wg.Limits(seconds=0.0)), pytest.raises(wg.LimitError):
        before(1.0)


def test_a_rule_that_is_missing_where_nobody_needs_it_stops_no_call():
    wg.register("opaque", lambda a: a, lambda a, y: 1.0)
    f = wg.compile("d(opaque(x), x)*y if y > 0 else y")
    for _ in range(3):
        f.value_and_grad(1.0, -2.0)


def test_an_interpreter_of_a_long_list_looks_at_the_clock():
    f = wg.compile(" + ".join(f"sin({k}*x)" for k in range(20000)), kernel="interpreter")
    run = f.bind("value")
    with within(wg.Limits(seconds=0.001)):
        time.sleep(0.002)
        with pytest.raises(wg.LimitError):
            run(1.0)


@pytest.mark.parametrize("kernel", ["auto", *KERNELS])
@pytest.mark.parametrize("text", ["3", "2 + 3", "pi", "nan", "output 3, 3", "x = 2; output x, x, 3", "x*y + sin(x)"])
def test_no_inputs_and_no_names_to_differentiate_by(text, kernel):
    """Where nothing is asked for, warm calls answer nothing, as the first does."""
    p = (0.5, 2.0) if "y" in text else ()
    asks = [
        lambda f: f(*p), lambda f: f.jacobian(*p, wrt=()), lambda f: f.notes(*p), lambda f: f.sparse_jacobian(*p),
        lambda f: f.bind("value")(*p), lambda f: f.jvp(p, {}), lambda f: f.vjp(p, [1.0] * len(f.outputs)),
    ]  # fmt: skip
    if "output" not in text:
        asks += [
            lambda f: f.value_and_grad(*p), lambda f: f.value_and_grad(*p, wrt=()), lambda f: f.hessian(*p, wrt=()),
            lambda f: f.hvp(p, {}), lambda f: f.hvp(dict(zip("xy", p)), {}), lambda f: f.bind()(*p),
        ]  # fmt: skip
    f = wg.compile(text, kernel=kernel)
    for ask in asks:
        want = repr(ask(wg.compile(text)))
        assert [repr(ask(f)) for _ in range(3)] == [want] * 3


@pytest.mark.parametrize("kernel", [*KERNELS, "numpy"])
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.wengert")), ids=lambda path: path.stem)
def test_the_answers_that_samples_carry(path, kernel):
    f = wg.load(path)
    if f.program.checked is None:
        pytest.skip("it carries no answers")
    checked = wg.compile(f.program.checked, kernel=kernel)
    point = {n: v for n, v in f._point((), {}).items() if n in checked.inputs}
    for _ in range(3):
        found = checked(point)
        answers = list(found) if isinstance(found, tuple) else [found]
        assert all(e.ok for e in expectations(f.program, answers))
