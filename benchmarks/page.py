"""Pages of programs of growing length: their size, the time to make one, and in Chromium to paint and to move it.

    python -m benchmarks.page                 # 100, 300 and 1,000 equations
    python -m benchmarks.page 100 5000
    python -m benchmarks.page --chromium /usr/bin/chromium
    python -m benchmarks.page --pictures pictures    # only the README's pictures, made anew

The time to make a page is the processor time of `f.page()`, after one on a small program. Paint is the first contentful
paint, from the opening of the file. A move is one event of a slider, handled to its end: all values, local derivatives
and adjoints are computed anew, and all numbers in view are written; the next frame's layout and the plot come after it.
Playwright (the extra `browser`) and a Chromium on the machine are needed for these two.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import wengert as wg

SAMPLES = Path(__file__).parents[1] / "samples"
LENGTHS = (100, 300, 1000)
RUNS, MOVES = 5, 60
STEPS = ("sin({0})", "{0}*{1}", "{0} + {1}", "cos({0})", "{0} - {1}", "tanh({0})", "max({0}, {1})")
MOVE = f"""() => {{
  const slider = document.querySelector(".inputs-grid input[type=range]");
  const times = [];
  for (let k = 0; k < {MOVES}; k++) {{
    slider.value = Number(slider.value) + 0.002;
    const begun = performance.now();
    slider.dispatchEvent(new Event("input"));
    times.push(performance.now() - begun);
  }}
  return times;
}}"""


def program(equations: int, seed: int = 1) -> wg.Function:
    """A program of so many equations, each of one op on results before it, the recent ones more often."""
    chance = random.Random(seed)
    names = ["a", "b", "c", "d"]
    lines = ["input a = 0.3, b = 0.7, c = 1.1, d = -0.4"]
    for k in range(equations):
        first, second = chance.choice(names[-12:]), chance.choice(names[-40:])
        lines.append(f"t{k} = {chance.choice(STEPS).format(first, second)}")
        names.append(f"t{k}")
    return wg.compile("\n".join([*lines, f"output {names[-1]}"]), limits=wg.Limits.trusted())


def making(equations: int) -> tuple[str, float]:
    """The page, and the median processor seconds to make it."""
    times = []
    text = ""
    for _ in range(RUNS):
        f = program(equations)
        begun = process_time()
        text = f.page()
        times.append(process_time() - begun)
    return text, median(times)


def in_browser(pages: list[str], chromium: str) -> list[tuple[float, float, float]] | None:
    """For each page the first paint, and the median and the ninth decile of a move, in milliseconds; None without a
    browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    found = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for text in pages:
            path = Path(folder) / "page.html"
            path.write_text(text, encoding="utf-8")
            page: Any = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(path.as_uri())
            page.wait_for_timeout(500)
            paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            page.keyboard.press("End")
            page.wait_for_timeout(300)
            moves = sorted(page.evaluate(MOVE))
            found.append((paint, moves[MOVES // 2], moves[MOVES * 9 // 10]))
            page.close()
        browser.close()
    return found


# The README's pictures: a sample, whether it is an exercise, dark or light, and the keys and answers before.
PICTURES: dict[str, tuple[str, bool, str, list[tuple[str, str]]]] = {
    "reverse_sweep": ("sigmoid_neuron", False, "light", [("ArrowRight", "")] * 14),
    "kinks": ("kinks", False, "dark", [("End", ""), ("ArrowLeft", ""), ("ArrowLeft", "")]),
    "exercise": ("cs231n_circuit", True, "light", [("#asks", "derivatives"), ("End", ""), ("#answer-local", "3"),
                                                  ("#answer-downstream", "3"), ("Enter", "")]),
}  # fmt: skip


def pictures(folder: Path, chromium: str) -> None:
    """Take the README's pictures."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as aside:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (sample, exercise, scheme, acts) in PICTURES.items():
            path = Path(aside) / "page.html"
            path.write_text(wg.load(SAMPLES / f"{sample}.wengert").page(exercise=exercise), encoding="utf-8")
            page: Any = browser.new_page(viewport={"width": 1120, "height": 820}, color_scheme=scheme)
            page.goto(path.as_uri())
            for place, text in acts:
                if place == "#asks":
                    page.select_option(place, text)
                    page.focus("#next")
                elif place.startswith("#"):
                    page.fill(place, text)
                else:
                    page.keyboard.press(place)
            page.wait_for_timeout(400)
            page.screenshot(path=folder / f"page_{name}.png")
            page.close()
        browser.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("equations", nargs="*", type=int)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser") or "")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    words = parser.parse_args()
    if words.pictures:
        pictures(words.pictures, words.chromium)
        return
    lengths = words.equations or list(LENGTHS)
    program(5).page()
    made = [making(n) for n in lengths]
    browser = in_browser([text for text, _ in made], words.chromium) if words.chromium else None
    if browser is None:
        print("no Playwright, or no Chromium: paint and moves are not measured")
    print(f"{'equations':>10}{'kB':>8}{'making, s':>11}{'paint, ms':>11}{'move, ms':>10}{'9 of 10':>9}")
    for k, (n, (text, seconds)) in enumerate(zip(lengths, made)):
        told = "".join(f"{x:>{w}.1f}" for x, w in zip(browser[k], (11, 10, 9))) if browser else ""
        print(f"{n:>10,}{len(text.encode()) / 1000:>8.0f}{seconds:>11.2f}{told}")


if __name__ == "__main__":
    main()
