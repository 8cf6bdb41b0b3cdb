"""Output of a command: answers go to stdout, diagnostics to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from ..api.display import Receipt
from ..api.function import Function
from ..ground.errors import Diagnostic, Source, Span, as_json, render
from ..ground.limits import check_clock
from ..show.rewritings import Rewritings

# A loop of a thousand turns has a thousand kinks. Text shows the first few, JSON has them all.
MOST = 8
# Pieces of JSON between two checks of the clock.
_PIECES = 4096


class Screen:
    """Prints diagnostics, with or without colors, as text or as JSON."""

    def __init__(self, color: str = "auto", form: str = "text") -> None:
        self.color, self.color_answers = (
            color == "always" or (color != "never" and _wants_color(stream)) for stream in (sys.stderr, sys.stdout)
        )
        self.form = form

    def say(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Print diagnostics, after all answers so far."""
        if self.form == "json":
            self._tell(dumps(as_json(d)) for d in diagnostics)
        else:
            self._tell(render(d, self.color) for d in diagnostics[:MOST])
            if len(diagnostics) > MOST:
                self._tell([f"… {len(diagnostics) - MOST:,} more like these"])

    def receipts(self, receipts: Sequence[Receipt], source: Source | None) -> None:
        """Print the receipts of the rewrites of a list, one to a line."""
        as_json = self.form == "json"
        self._tell(dumps(receipt_json(r, source)) if as_json else receipt_text(r, source) for r in receipts)

    def receipts_of_answer(self, receipts: Sequence[Receipt], f: Function) -> None:
        """Print the receipts of the rewrites behind an answer of `f`, one to a line: the first few that still stand, in
        the words of the text."""
        if self.form == "json" or not receipts:
            return self.receipts(receipts, f.program.source)
        there = Rewritings(f.running_list)
        standing = there.standing(receipts)
        self.receipts([there.told(r) for r in standing[:MOST]], f.program.source)
        if len(standing) > MOST:
            self._tell([f"… {len(standing) - MOST:,} more like these; `wengert list --fuse` shows them all"])

    def _tell(self, lines: Iterable[str]) -> None:
        if sys.stdout is not None:
            sys.stdout.flush()
        if sys.stderr is not None:
            for line in lines:
                print(line, file=sys.stderr)


def _wants_color(stream: TextIO | None) -> bool:
    return (
        not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and stream is not None
        and not stream.closed
        and stream.isatty()
    )


def failed(diagnostics: Iterable[Diagnostic]) -> int:
    """The exit code for the diagnostics of a point: 1 if one is an error."""
    return int(any(d.severity == "error" for d in diagnostics))


def receipt_text(r: Receipt, source: Source | None) -> str:
    """A receipt on one line: the old expression, the new one, and the reason."""
    reason = r.reason.partition(": ")[2] or r.reason
    if not r.after:
        return f"{r.rewrite}: {r.output} = {r.before} is left out: {reason}"
    before = r.before
    if source is not None and r.span is not None and r.span.end > r.span.start:
        # The user's own text says more than the names of temporaries.
        written = " ".join(_written(source, r.span).split())
        before = written if len(written) <= 60 else before
    return f"{r.rewrite}: `{before}` is computed as `{r.after}`: {reason}"


def _written(source: Source, span: Span) -> str:
    """The text of a span. A very long one is cut in the middle, as each of many spans may be as long as the whole
    text."""
    text, (start, end) = source.text, span[:2]
    return text[start:end] if end - start <= 4000 else f"{text[start : start + 2000]} … {text[end - 2000 : end]}"


def receipt_json(r: Receipt, source: Source | None) -> dict[str, Any]:
    """A receipt as a JSON object."""
    answer: dict[str, Any] = {
        "rewrite": r.rewrite, "output": r.output, "before": r.before, "after": r.after, "reason": r.reason,
    }  # fmt: skip
    if source is not None and r.span is not None:
        answer["written"] = _written(source, r.span)
    return answer


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Aligned columns: the first `left` of them flush left, the others flush right."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))).rstrip()
        for line in lines
    )


def duration(seconds: float | None) -> str:
    """A time with its unit: 1.2 µs; "-" for none."""
    if seconds is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def dumps(thing: object, indent: int | None = None) -> str:
    """JSON in pure ASCII, so that it is valid in every encoding."""
    import json

    pieces: list[str] = []
    for k, piece in enumerate(json.JSONEncoder(allow_nan=False, indent=indent).iterencode(thing)):
        if k % _PIECES == 0:
            check_clock()
        pieces.append(piece)
    return "".join(pieces)
