"""Pages in Chromium: every sample's page loads, and its numbers are Python's before and after inputs move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.show.captions import number as shown

from .opened import array_text, expected, plain
from .reading import SAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("numbers in Chromium")]


def test_every_sample_shows_the_numbers_of_python(opened: Any) -> None:
    for path in SAMPLES:
        f = wg.load(path)
        text = f.page()
        one = opened(text)
        assert not any(value for _, value, derivative in one.rows()[len(f.inputs) + 9 :] if derivative)
        one.keys("End")
        if one.page.evaluate("document.querySelectorAll('#table tr').length") > 200:
            continue  # rows out of view are not written yet
        trace = f.trace()
        if any(getattr(v, "shape", ()) for v in trace.values.values()):
            continue
        constants = len(one.rows()) - len(f.inputs) - len(trace.wlist.equations)
        for got, want, e in zip(plain(one.rows(), constants, len(f.inputs)), expected(f, {}), one.rows()):
            assert got[0] == want[0], (path.stem, e)
            if got[1]:
                assert got[1] == want[1], (path.stem, e)


def test_nothing_shows_before_its_sweep_and_steps_go_back_to_the_beginning(opened: Any) -> None:
    f = wg.compile("y = (2*x1 + x2)^2\ny*x1")
    one = opened(f.page(x1=3, x2=7))
    count = int(one.text("#count").split()[-1])
    seen = [(one.circuit("value"), one.circuit("adjoint"), one.circuit("part"), one.rows(), one.text("#now"))]
    for _ in range(count):
        one.keys("ArrowRight")
        seen.append((one.circuit("value"), one.circuit("adjoint"), one.circuit("part"), one.rows(), one.text("#now")))
    values = [sum(map(bool, values)) for values, *_ in seen]
    adjoints = [sum(map(bool, (*a, *p))) for _, a, p, *_ in seen]
    equations = len(f.wengert_list)
    assert values[: equations + 1] == sorted(values[: equations + 1])
    assert values[0] == 2
    assert adjoints[: equations + 1] == [0] * (equations + 1)
    assert adjoints[equations + 1] == 1
    assert adjoints == sorted(adjoints)
    for k in range(count - 1, -1, -1):
        one.keys("ArrowLeft")
        now = (one.circuit("value"), one.circuit("adjoint"), one.circuit("part"), one.rows(), one.text("#now"))
        assert now == seen[k]
    one.keys("End", "Home")
    assert one.text("#now") == seen[0][4]
    one.keys("End")
    assert one.text("#now") == seen[-1][4]


def test_moving_an_input_computes_as_python_does(opened: Any) -> None:
    text = (
        "input a = 0.5, b = -1.25, c = 2\nu = sin(a)*exp(b) - relu(a)\nmax(u, c*b) + where(a > 0, u/c, b^2) + sqrt(c)"
    )
    f = wg.compile(text)
    one = opened(f.page())
    one.keys("End")
    for point in ({"a": -1.5}, {"b": 3.25, "c": 0.001}, {"a": 0, "b": 0, "c": 0}, {"c": -1}, {"a": 1e300, "c": 1e-5}):
        at = {"a": 0.5, "b": -1.25, "c": 2.0, **point}
        for n, name in enumerate("abc"):
            one.page.fill(f"#input-{n}", repr(at[name]))
        for got, want, row in zip(plain(one.rows(), 0, 3), expected(f, at), one.rows()):
            assert got == want, (at, row)
    one.page.evaluate("document.querySelector('input[type=range][aria-label^=a]').value = 1.25")
    one.page.dispatch_event("input[type=range][aria-label^=a]", "input")
    at = {"a": float(one.page.input_value("#input-0")), "b": -1.25, "c": 1e-5}
    assert plain(one.rows(), 0, 3) == expected(f, at)
    one.page.fill("#input-0", "frog")
    assert one.page.get_attribute("#input-0", "aria-invalid") == "true"
    one.page.click("#reset")
    assert plain(one.rows(), 0, 3) == expected(f, {})


def test_moving_an_element_computes_as_python_does(opened: Any) -> None:
    f = wg.compile("input x[2,3], w[3], b\nh = relu(x @ w + b)\nmax(h[0], b)*sum(h^2) + sin(b)*w[1]")
    x = np.array([[2.0, 1.0, -3.0], [-3.0, 4.0, 2.0]])
    one = opened(f.page(x=x, w=[1, 3, 1], b=0.5))
    one.keys("End")
    for at, element in (((0, 0), -7.5), ((1, 2), 0.25), ((0, 1), 3.0)):
        x[at] = element
        one.page.fill(f"#input-{at[0] * 3 + at[1]}", repr(element))
        trace = f.trace(x=x, w=[1, 3, 1], b=0.5)
        names = [*f.inputs, *(e.output for e in trace.wlist.equations)]
        found = {text.split(" = ")[0]: (value, adjoint) for text, value, adjoint in one.rows()}
        for name in names:
            shown_name = "f" if name == trace.output else name
            value, adjoint = found[shown_name]
            assert value == array_text(trace.values[name]), (at, name)
            if adjoint:
                assert adjoint == array_text(trace.adjoints[name]), (at, name)
    one.page.click("label:has(input[value=forward])")
    one.page.select_option("#seed", "2")
    one.keys("End")
    trace = f.trace(x=x, w=[1, 3, 1], b=0.5, direction={"b": 1.0})
    tangents = {text.split(" = ")[0]: tangent for text, _, tangent in one.rows()}
    for name, tangent in trace.tangents.items():
        assert tangents["f" if name == trace.output else name] == array_text(tangent)


def test_shares_orders_and_systems_of_equations_move_as_in_python(opened: Any) -> None:
    text = "input x[3], A[2,2]\ns = softmax(x)\nz = solve(A, x[1:])\nq = sort(x)\nlogsumexp(z)*det(A) + s @ (x*q)"
    f = wg.compile(text)
    x, a = np.array([1.0, 2.5, -1.0]), np.array([[4.0, 1], [-1, 3]])
    one = opened(f.page(x=x, A=a))
    one.keys("End")
    for field, element in ((0, 2.5), (1, -7.25), (3, 0.125), (6, 2.5)):
        (x if field < 3 else a).ravel()[field % 3 if field < 3 else field - 3] = element
        one.page.fill(f"#input-{field}", repr(element))
        trace = f.trace(x=x, A=a)
        found = {row[0].split(" = ")[0]: row[1:] for row in one.rows()}
        for name in (*f.inputs, *(e.output for e in trace.wlist.equations)):
            value, adjoint = found["f" if name == trace.output else name]
            assert value == array_text(trace.values[name]), (field, name)
            assert not adjoint or adjoint == array_text(trace.adjoints[name]), (field, name)


def test_forward_mode_shows_tangents(opened: Any) -> None:
    f = wg.compile("y = x1*sin(x2)\nexp(y)/x1")
    one = opened(f.page(x1=1.5, x2=0.5))
    one.page.click("label:has(input[value=forward])")
    for n, name in enumerate(f.inputs):
        one.page.select_option("#seed", str(n))
        one.page.focus("#next")
        one.keys("End")
        trace = f.trace(x1=1.5, x2=0.5, direction={name: 1.0})
        names = [*f.inputs, *(e.output for e in trace.wlist.equations)]
        want = [shown(trace.tangents[m]) if m in trace.tangents else "" for m in names]
        assert [d for _, _, d in one.rows()] == want
    work = one.text("#counts").split()
    assert work.index("reverse") < work.index("forward")


def test_another_output_is_chosen_in_the_page(opened: Any) -> None:
    numbers = wg.compile("input x = 2, y = 3\ns = x*y\nu = max(sin(s), x) + x\nv = s^2*y\noutput s, u, v")
    arrays = wg.compile("input x[3] = [1, 2, 3], k = 2\ns = k*x\nu = sum(s^2)\nv = s[0]*k\noutput s, u, v")
    for f, moved in ((numbers, {"y": -1.25}), (arrays, {"k": -0.5})):
        (name, number), *_ = moved.items()
        one = opened(f.page())
        one.keys("End")
        for point in ({}, moved):
            if point:
                field = len(one.page.query_selector_all(".inputs-grid input[type=text]")) - 1
                one.page.fill(f"#input-{field}", repr(number))
            for output in ("s", "u", "v"):
                one.page.select_option("#from", label=output)
                trace = f.trace(point, output=output)
                rows = {text.split(" = ")[0]: (value, adjoint) for text, value, adjoint in one.rows()}
                for n in trace.values:
                    want = array_text(trace.adjoints[n]) if n in trace.adjoints else ""
                    assert rows[n] == (array_text(trace.values[n]), want), (output, n)
                assert f"∂{output}/∂{name}" in one.text("#now")
                drawn = set(one.circuit("adjoint"))
                for n in f.inputs:
                    if n in trace.adjoints and not getattr(trace.adjoints[n], "shape", ()):
                        assert shown(trace.adjoints[n]) in drawn
        one.page.select_option("#from", label="s")
        one.page.click("#first")
        assert not any(one.circuit("adjoint"))
