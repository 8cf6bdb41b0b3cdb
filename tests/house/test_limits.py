"""The budget: each limit is an error that names it, over all phases, and nothing runs past its time."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable

import pytest

import wengert as wg
import wengert.ground.limits
from wengert.cli import main
from wengert.emit import emit
from wengert.ground.limits import PACE, UNTRUSTED, Limits, Tally, check_clock, checking_clock, in_force, within
from wengert.kernels.trace import trace
from wengert.kernels.workers import Stop, together
from wengert.lists.wengert_list import WengertList
from wengert.show import circuit, formula, from_json, mermaid, to_json
from wengert.sweeps.forward import evaluate, forward_sweep
from wengert.sweeps.notes import noted
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.reverse import reverse_sweep
from wengert.sweeps.tangent import tangent_sweep
from wengert.sweeps.taylor import taylor_sweep
from wengert.transforms.derivatives import gradient, hessian, pushforward
from wengert.transforms.expand import expand
from wengert.transforms.simplify import PASSES, fuse, simplify

OWN = "op f{0}(a) = a with d/da = 1\n"

# What passes each limit, and what stays just below it.
OVER: dict[str, tuple[object, str, str]] = {
    "text_bytes": (10, "x + 1234567", "x + 123456"),
    "tokens": (5, "x + x + x", "x + x"),
    "equations": (3, "x + x + x + x + x", "x + x + x + x"),
    "steps": (4, "x; for i in 0:4 { a = i }", "x; for i in 0:3 { a = i }"),
    "ops": (1, OWN.format(1) + OWN.format(2) + "f1(x)", OWN.format(1) + "f1(x)"),
    "digits": (5, "x + 123456", "x + 12345"),
    "order": (2, "d(d(d(x^5, x), x), x)", "d(d(x^5, x), x)"),
    "seconds": (0.0, "x + " + " + ".join("x" for _ in range(2000)), "x"),
}


def over(call: Callable[[], object], name: str) -> None:
    """Fails unless a call passes a limit, and says so as it should."""
    with pytest.raises(wg.LimitError) as caught:
        call()
    said = str(caught.value)
    assert f"`{name}`" in said
    assert f"--limit {name}=" in said
    assert f"Limits({name}=" in said
    assert caught.value.exit_code == 3


def test_every_limit_has_a_case() -> None:
    assert {*OVER, "elements", "gates"} == set(Limits._fields)


@pytest.mark.parametrize("name", OVER)
def test_a_limit_is_an_error_that_names_it(name: str) -> None:
    most, too_much, enough = OVER[name]
    limits = Limits()._replace(**{name: most})
    over(lambda: wg.compile(too_much, limits=limits)(2.0), name)
    assert isinstance(wg.compile(enough, limits=limits._replace(seconds=60.0))(2.0), float)
    assert isinstance(wg.compile(too_much, limits=Limits.trusted())(2.0), float)


@pytest.mark.parametrize("name", OVER)
def test_the_command_line_sets_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    most, too_much, _ = OVER[name]
    assert main(["eval", too_much, "--x", "2", "--limit", f"{name}={most}"]) == 3
    assert f"`{name}`" in capsys.readouterr().err
    assert main(["eval", too_much, "--x", "2", "--trusted"]) == 0


@pytest.mark.parametrize("text", ["seconds=-1", "seconds=1e9", "seconds=", "seconds=nan", "equations=1.5", "second=1"])
def test_what_is_no_limit_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "x", "--x", "2", "--limit", text]) == 2
    assert "--limit" in capsys.readouterr().err


@pytest.mark.parametrize(
    "limits",
    [5, None, "1e6", (1, 2), Limits(equations="many"), Limits(seconds="5"), Limits(steps=-1), Limits(ops=None),
     Limits(order=float("nan"))],  # type: ignore[arg-type]
)  # fmt: skip
def test_limits_are_limits(limits: Limits) -> None:
    for call in (wg.parse, wg.compile):
        with pytest.raises(wg.UsageError):
            call("x", limits=limits)
    with pytest.raises(wg.UsageError):
        wg.compile([("y", "sin", ("x",))], limits=limits)


def test_bytes_are_bytes() -> None:
    limits = Limits(text_bytes=20)
    assert wg.parse("λ" * 10, limits=limits)
    over(lambda: wg.parse("λ" * 10 + "x", limits=limits), "text_bytes")


def test_a_tally_counts_elements() -> None:
    tally = Tally(Limits(elements=100), "elements", "these arrays are too large")
    tally.spend(60)
    tally.spend(40)
    tally.release(60)
    tally.spend(60)
    over(lambda: tally.spend(1), "elements")
    over(lambda: Tally(UNTRUSTED, "elements", "an array").spend(10**9), "elements")


def test_an_equation_of_many_inputs_counts_for_several() -> None:
    wide = "def f(a) = max(" + ", ".join(["a"] * 1000) + ")\n"
    limits = Limits(equations=1000)
    assert wg.parse(wide + "f(x)", limits=limits)
    over(lambda: wg.parse(wide + "+".join(["f(x)"] * 20), limits=limits), "equations")


def test_what_a_derivative_writes_counts_taken_back_or_not() -> None:
    text = "x*y\n" + "a = d(x^y*sin(y)*max(x, y), x)\n" * 38
    f = wg.compile(text, limits=Limits(equations=700))
    over(lambda: f(2.0, 3.0), "equations")
    assert len(expand(f.wengert_list)) < 700


def test_looking_for_derivatives_counts() -> None:
    """Derivatives that write nothing: each goes through all that lies between."""
    f = wg.compile("y = x\n" + "y = y + 1\n" * 3000 + "z = d(y, x)\n" * 3000, limits=Limits(equations=12_000))
    over(lambda: f(1.0), "equations")


def test_an_order_too_high_is_refused_before_anything_is_expanded() -> None:
    f = wg.compile("d(" * 2000 + "exp(sin(x))" + ", x)" * 2000, limits=Limits(equations=3000))
    over(lambda: f(1.0), "order")


def test_lists_from_json_are_limited() -> None:
    wlist = wg.parse(OWN.format(1) + OWN.format(2) + "f1(x) + f2(x)").wlist
    assert from_json(to_json(wlist)) == wlist
    over(lambda: from_json(to_json(wlist), Limits(equations=2)), "equations")
    over(lambda: from_json(to_json(wlist), Limits(ops=1)), "ops")
    over(lambda: from_json({"equations": [["f", "max", ["x"] * 10_000]], "outputs": ["f"]}, Limits(equations=9)),
         "equations")  # fmt: skip


# Time


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> itertools.count[int]:
    """A clock that moves on by a millisecond each time it is looked at; the next number is how often that was."""
    ticks = itertools.count()
    for clock in ("monotonic", "thread_time"):
        monkeypatch.setattr(wengert.ground.limits, clock, lambda: next(ticks) / 1000)
    return ticks


def work(seconds: float) -> None:
    """Keep this thread at work for some seconds of processor time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


N = 20 * PACE
LONG = wg.parse("a = x\n" + "a = a*y + sin(a)\n" * (N // 3) + "a").wlist
POINT = {"x": 0.5, "y": 0.25}
APPLY = Numbers()
TAPE = forward_sweep(LONG, POINT, APPLY)
(OUT,) = LONG.outputs
SEED = {OUT: 1.0}
FUNCTION = wg.compile(LONG)
CIRCUIT = circuit(LONG, limits=Limits.trusted())
PHASES: dict[str, Callable[[], object]] = {
    "parse": lambda: wg.parse(" + ".join(["x"] * N)),
    "unroll": lambda: wg.parse(f"a = 1; for i in 0:{N} {{ a = i }}; a"),
    "inline": lambda: wg.parse("def f(a) = a + 1\n" + "f(" * N + "x" + ")" * N),
    "comprehension": lambda: wg.parse(f"sum(x*i for i in 0:{N})"),
    "evaluate": lambda: evaluate(LONG, POINT, APPLY),
    "forward sweep": lambda: forward_sweep(LONG, POINT, APPLY),
    "tangent sweep": lambda: tangent_sweep(LONG, TAPE, {"x": 1.0}, APPLY),
    "reverse sweep": lambda: reverse_sweep(LONG, TAPE, SEED, APPLY),
    "taylor sweep": lambda: taylor_sweep(LONG, TAPE, {"x": 1.0}, 2, APPLY),
    "trace": lambda: trace(LONG, POINT),
    "notes": lambda: FUNCTION.notes(POINT),
    "error bounds": lambda: FUNCTION.error_bounds(POINT),
    "gradient": lambda: gradient(LONG),
    "pushforward": lambda: pushforward(LONG),
    "hessian": lambda: hessian(LONG),
    "expand": lambda: expand(WengertList([*LONG.equations, ("g", "d", (OUT, "x"))])),
    "simplify": lambda: simplify(LONG),
    **{f"simplify: {name}": lambda name=name: PASSES[name](LONG) for name in PASSES},  # type: ignore[misc]
    "fuse": lambda: fuse(wg.parse("+".join(["log(1+exp(x))"] * N)).wlist),
    "print": lambda: str(LONG),
    "formula": lambda: formula(LONG),
    "picture": lambda: circuit(LONG, limits=Limits.trusted()),
    "flowchart": lambda: mermaid(CIRCUIT),
    "emit": lambda: emit(LONG, "python", grad=False),
    "from JSON": lambda: from_json(to_json(LONG)),
}


@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_looks_at_the_clock(phase: str, looks: itertools.count[int]) -> None:
    """Once for every some hundred equations at least; and stops when the time is up."""
    with within(Limits(seconds=1e9)):
        before = next(looks)
        PHASES[phase]()
        assert next(looks) - before > N // 3 // PACE
    with within(Limits(seconds=0.005)):
        over(PHASES[phase], "seconds")


@pytest.mark.parametrize(
    "call",
    [
        lambda f: f(POINT), lambda f: f.value_and_grad(POINT), lambda f: f.grad(POINT), lambda f: f.notes(POINT),
        lambda f: f.value_and_grad(POINT, mode="forward"), lambda f: f.jvp(POINT, POINT), lambda f: f.vjp(POINT),
        lambda f: f.jacobian(POINT), lambda f: f.hessian(POINT), lambda f: f.hvp(POINT, POINT),
        lambda f: f.trace(POINT), lambda f: f.graph(POINT), lambda f: f.graph(),
        lambda f: f.page(POINT),
        lambda f: f.taylor(POINT, POINT, 2), lambda f: f.error_bounds(POINT), lambda f: f.gradient_list, str,
        lambda f: f.check_expects(POINT), lambda f: f.running_list, lambda f: f.receipts,
    ],
)  # fmt: skip
def test_every_call_of_a_function_has_its_time(call: Callable[[wg.Function], object], looks: object) -> None:
    text = "a = x + log(1 + exp(y))\n" + "a = a*y + sin(a)\n" * (N // 3) + "a = d(a, x)\nexpect a = 1\na"
    program = wg.parse(text, limits=Limits.trusted())
    over(lambda: call(wg.Function(program, wg.Options(limits=Limits(seconds=0.003)))), "seconds")


def test_each_call_starts_the_clock_anew() -> None:
    f = wg.compile("x^2", limits=Limits(seconds=0.05))
    work(0.07)
    assert f(3.0) == 9.0
    assert f.grad(3.0)[0] == 6.0


def test_the_notes_of_a_gradient_are_timed_when_they_are_asked_for(looks: object) -> None:
    g = wg.compile(LONG, limits=Limits(seconds=1e3)).grad(POINT)
    late = wg.compile(LONG, limits=Limits(seconds=0.004))
    call = late._evaluation_at(POINT)
    over(late._under_clock(lambda: noted(call, TAPE, ("x",), "mean", None)), "seconds")
    assert g.notes == ()


def test_the_clock_that_ends_first_counts() -> None:
    with within(Limits(seconds=1e-9)):
        work(0.001)
        over(check_clock, "seconds")
        with within(Limits(seconds=None)):
            over(check_clock, "seconds")
        with within(Limits(seconds=60.0)):
            over(lambda: checking_clock([1]), "seconds")
    check_clock()
    with within(Limits(seconds=60.0)):
        with within(Limits(seconds=1e-9)):
            work(0.001)
            over(check_clock, "seconds")
        check_clock()


def test_time_in_which_a_thread_does_not_run_does_not_count() -> None:
    """As on a machine that is busy with other things, in the thread that is timed and in those that work for it."""
    with within(Limits(seconds=0.05)):
        check_clock()
        time.sleep(0.1)
        check_clock()
        assert list(checking_clock([1])) == [1]

        def idle(stop: Stop) -> None:
            time.sleep(0.1)
            check_clock()

        together(idle, 2)
        work(0.06)
        over(check_clock, "seconds")


def test_threads_that_work_for_a_call_have_the_time_that_is_left() -> None:
    """Each counts its own, and not again the work of a kept thread for calls before."""
    late, begun = list[bool](), threading.Barrier(2)

    def busy(stop: Stop) -> None:
        begun.wait(10)
        work(0.03)
        try:
            check_clock()
        except wg.LimitError:
            late.append(True)
        else:
            late.append(False)

    for seconds, expected in ((0.02, True), (10.0, False), (0.02, True)):
        late.clear()
        with within(Limits(seconds=seconds)):
            together(busy, 2)
        assert late == [expected] * 2


def test_a_late_call_ends_soon() -> None:
    """Within a fifth of a second of processor time, a long way from the end of the program."""
    chain = wg.WengertList([(f"v{k + 1}", "sin", (f"v{k}",)) for k in range(200_000)], inputs=("v0",))
    f = wg.compile(chain, limits=Limits.trusted(), kernel="interpreter", fuse=False)
    point = f._point((0.5,), {})
    with f._evaluation_at(point) as call, within(Limits(seconds=0.1)):
        begun = time.thread_time()
        over(lambda: forward_sweep(call.wlist, call.values, call.apply), "seconds")
        assert time.thread_time() - begun < 0.3


def test_the_limits_in_force() -> None:
    """What an op that makes arrays goes by, however far it is from whoever was given the limits."""
    assert in_force() == UNTRUSTED
    small = Limits(elements=10)
    with within(Limits.trusted()):
        assert in_force() == Limits.trusted()
        with within(small):
            assert in_force() == small
            with within(Limits.trusted()):
                assert in_force() == small
        assert in_force() == Limits.trusted()
    seen = []
    wg.register("noted", lambda a: seen.append(in_force()) or a, "1")  # type: ignore[func-returns-value]
    assert wg.compile("noted(x)", limits=small)(1.0) == 1.0
    assert seen == [small]


def test_paced_gives_what_it_is_given() -> None:
    for n in (0, 1, PACE, PACE + 1, 5 * PACE + 3):
        for items in (list(range(n)), tuple(range(n)), range(n), range(n)[::-1]):
            with within(UNTRUSTED):
                assert list(checking_clock(items)) == list(items)
            assert list(checking_clock(items)) == list(items)


def test_a_command_has_one_clock(capsys: pytest.CaptureFixture[str]) -> None:
    text = "jvp(" * 60 + "exp(sin(x))" + ", x, 1)" * 60
    for command in (["eval"], ["trace"], ["list", "--gradient"], ["diff"], ["emit"], ["check"], ["taylor"]):
        words = [*command, text, *(["--x", "0.5"] if command[0] in ("eval", "trace", "check", "taylor") else [])]
        assert main([*words, "--limit", "seconds=0.2"]) == 3, command
        assert re.search(r"`seconds` of 0\.2", capsys.readouterr().err)
    # It ends with the command.
    assert main(["eval", "x", "--x", "1"]) == 0
    check_clock()


# Ops that call each other: the work doubles with each line.
DOUBLING = "op f0(a) = a*1 with d/da = 1\n" + "".join(
    f"op f{k}(a) = f{k - 1}(f{k - 1}(a)) with d/da = 1\n" for k in range(1, 60)
)


@pytest.mark.parametrize("kernel", ["auto", "python", "interpreter"])
@pytest.mark.parametrize(
    "call",
    [
        lambda f: f(1.0), lambda f: f([1.0, 2.0]), lambda f: f.grad(1.0), lambda f: f.grad(1.0, mode="forward"),
        lambda f: f.jvp((1.0,), (1.0,)), lambda f: f.hessian(1.0), lambda f: f.taylor([1.0], order=2),
        lambda f: f.error_bounds(1.0), lambda f: f.trace(x=1.0), lambda f: f.bind()(1.0),
        lambda f: f.bind("value")(1.0), lambda f: f.check(1.0),
    ],
)  # fmt: skip
def test_ops_that_double_their_work_are_timed(
    kernel: str, call: Callable[[wg.Function], object], looks: object
) -> None:  # fmt: skip
    f = wg.compile(DOUBLING + "f59(x)", kernel=kernel, limits=Limits(seconds=0.3))
    for _ in range(3):
        over(lambda: call(f), "seconds")


@pytest.mark.parametrize(
    ("program", "kernel"),
    [
        (OWN.format(1) + "f1(x)*y", "python"),  # in machine code the ops of a program have a bounded number of steps
        (OWN.format(1) + "f1(x)*y", "interpreter"),
        (LONG, "auto"),
        (LONG, "python"),
        (LONG, "interpreter"),
    ],
    ids=["ops-python", "ops-interpreter", "long-auto", "long-python", "long-interpreter"],
)
def test_a_warm_call_looks_at_the_clock(program: object, kernel: str, looks: itertools.count[int]) -> None:
    """Where its work depends on ops that the program defines, or on the length of the list."""
    f = wg.compile(program, kernel=kernel, limits=Limits(seconds=1e9))
    values, gradients = f.bind("value"), f.bind()
    calls: list[Callable[[], object]] = [
        lambda: f(0.5, 0.25), lambda: f.grad(0.5, 0.25), lambda: values(0.5, 0.25), lambda: gradients(0.5, 0.25)
    ]  # fmt: skip
    for call in calls:
        for _ in range(14):
            before = next(looks)
            call()
            assert next(looks) - before > 2


def test_deep_brackets_are_refused_at_once() -> None:
    """Their shapes are not looked at to the end, whose work would be the square of the depth."""
    for n in (2_000, 4_000, 8_000):
        with pytest.raises(wg.WengertError, match="at most 32 axes"):
            wg.compile("[" * n + "x" + "]" * n)
    assert wg.compile("sum(" + "[" * 32 + "x" + "]" * 32 + ")")(3.0) == 3.0
