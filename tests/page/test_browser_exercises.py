"""Exercises in Chromium: an answer is judged, and told the reason."""

from __future__ import annotations

from typing import Any

import pytest

import wengert as wg

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("exercises in Chromium")]


def test_an_exercise_takes_another_output(opened: Any) -> None:
    one = opened(wg.compile("s = a*b\nt = s + a\noutput s, t").page(a=3, b=-2, exercise=True))
    one.page.select_option("#asks", "derivatives")
    one.page.select_option("#from", label="s")
    one.page.click("#last")
    one.page.fill("#answer-local", "3")
    one.page.fill("#answer-downstream", "3")
    one.page.press("#answer-local", "Enter")
    assert "order of the product" in one.text("#now")
    one.page.fill("#answer-local", "-2")
    one.page.fill("#answer-downstream", "-2")
    one.page.press("#answer-local", "Enter")
    assert "0 of 2" in one.text("#score")
    one.page.select_option("#from", label="t")
    assert "0 of 0" in one.text("#score")


def test_an_exercise_judges_with_reasons(opened: Any) -> None:
    one = opened(wg.compile("y = a*b\ny^2 - a").page(a=3, b=-2, exercise=True))
    one.page.select_option("#asks", "derivatives")
    one.keys("Tab")
    one.page.click("#last")

    def answer(**answers: str) -> list[str]:
        for field, text in answers.items():
            one.page.fill(f"#answer-{field}", text)
        one.page.press(f"#answer-{next(iter(answers))}", "Enter")
        return [t.strip() for t in one.page.eval_on_selector_all(".verdict", "x => x.map(t => t.textContent)")]

    # f = v1 - a, to v1, and to a: the derivatives are 1 and -1.
    assert answer(local="-1", downstream="-1")[0].endswith("Wrong sign.")
    assert not answer(local="1", downstream="1")
    one.page.click("#next")
    answer(local="-1", downstream="-1")
    one.page.click("#next")
    # v1 = y^2, to y: upstream 1, local -12.
    one.page.click("text=Show me")
    one.page.click("#next")
    # y = a*b, to a: upstream -12, local -2, downstream 24; -1 came back before.
    said = answer(local="24", downstream="-2", sum="24")
    assert "mixed up" in said[0]
    assert "forgotten: multiply" in said[1]
    assert "sum at the copy gate is forgotten" in said[2]
    said = answer(local="3", downstream="-36", sum="-1")
    assert "order of the product" in said[0]
    assert "order of the product" in said[1]
    assert "sum before" in said[2]
    assert not answer(local="-2", downstream="24", sum="23")
    assert "2 of 9" in one.text("#score")
    assert "right after 3" in one.text("#score")


def test_an_exercise_on_matrices_knows_a_transposed_product(opened: Any) -> None:
    f = wg.compile("input A[2,2], B[2,2]\nsum((A @ B)^2)")
    one = opened(f.page(A=[[1, 2], [3, 4]], B=[[0, 1], [1, 1]], exercise=True))
    one.page.select_option("#asks", "values")
    one.page.click("#last")
    one.page.fill("#answer-value", "[[2, 4], [3, 7]]")
    one.page.press("#answer-value", "Enter")
    assert "Transposed" in one.text(".verdict")
    one.page.fill("#answer-value", "[[2, 3], [4, 7]]")
    one.page.press("#answer-value", "Enter")
    assert "1 of" in one.text("#count")
    assert "[[2, 3], [4, 7]]" in one.text("#now")
