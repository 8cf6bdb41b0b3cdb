"""A picture as TikZ: a document that compiles by itself, with tikz as its only package. A picture wider than the line
is scaled down; a very wide one is written smaller, as TeX allows no length over 16,383 points.

Places are those of the layout, in points, with y upward. A letter that is neither ASCII nor Greek stays as it is, for
engines that have a font for it (LuaLaTeX, XeLaTeX).
"""

from __future__ import annotations

import unicodedata

from ..ground.limits import checking_clock
from .captions import invisible
from .latex import GREEK
from .picture import Picture, Stroke, stations

_HEAD = r"""\documentclass{article}
\usepackage{tikz}
\pagestyle{empty}
\begin{document}
\noindent\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%
\definecolor{wvalue}{RGB}{0,114,178}%
\definecolor{wback}{RGB}{179,78,0}%
\definecolor{wodd}{RGB}{168,50,122}%
\begin{tikzpicture}[x=1pt, y=1pt, font=\sffamily\small,SCALED
  ball/.style={draw, fill=black!4}, box/.style={draw, fill=white}, number/.style={draw, fill=white, densely dashed},
  kink/.style={draw=wodd, very thick, densely dotted},
  value/.style={text=wvalue, font=\sffamily\scriptsize, inner sep=0pt},
  back/.style={text=wback, font=\sffamily\scriptsize\itshape, inner sep=0pt}]"""
# The longest side of a picture, in points.
_MOST = 8000.0
_FOOT = r"""\end{tikzpicture}}
\end{document}
"""
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "-": "$-$", "*": "$*$", "∂": r"$\partial$", "…": r"\ldots{}",
    "⟨": r"$\langle$", "⟩": r"$\rangle$", "`": r"\textasciigrave{}",
}  # fmt: skip
_SPECIAL |= {'"': "''", "'": "$'$"}


def tikz(picture: Picture) -> str:
    """The text of a LaTeX file."""
    scale = min(1.0, _MOST / max(picture.width, picture.height))
    lines = [_HEAD.replace("SCALED", f" every node/.style={{scale={scale:.4f}}}," if scale < 1 else "")]
    picture = picture if scale == 1 else _smaller(picture, scale)
    lines += [f"\\draw {_path(line)};" for line in checking_clock(picture.lines)]
    lines += [f"\\fill {_p(*point)} circle[radius=2.5];" for point in picture.dots]
    for s in checking_clock(picture.shapes):
        gate = picture.circuit.gates[s.gate]
        kind = "ball" if gate.kind == "op" else "number" if gate.kind == "constant" else "box"
        radius = min(s.width, s.height) / 2 - 0.1 if gate.kind == "op" else 3.0
        frame = "\\draw[{}, rounded corners={}pt] {} rectangle {};"
        corners = [(s.x + side * s.width / 2, s.y + side * s.height / 2) for side in (-1, 1)]
        kind += ", kink" * ("kink" in s.marks)
        lines.append(frame.format(kind, _n(max(radius, 0.1)), *(_p(*c) for c in corners)))
        lines.append(f"\\node at {_p(s.x, s.y)} {{{tex(s.text)}}};")
    for c in checking_clock(picture.captions):
        style = f"{'back' if c.back else 'value'}, anchor=base {'east' if c.right else 'west'}"
        text = tex(c.text) if c.finite else f"\\textbf{{{tex(c.text)}}}"
        lines.append(f"\\node[{style}] at {_p(c.x, c.y)} {{{text}}};")
    return "\n".join([*lines, _FOOT])


def _smaller(picture: Picture, scale: float) -> Picture:
    def point(x: float, y: float) -> tuple[float, float]:
        return x * scale, y * scale

    return picture._replace(
        shapes=tuple(
            s._replace(x=s.x * scale, y=s.y * scale, width=s.width * scale, height=s.height * scale)
            for s in checking_clock(picture.shapes)
        ),
        lines=tuple(
            line._replace(points=tuple(point(*p) for p in line.points)) for line in checking_clock(picture.lines)
        ),
        dots=tuple(point(*p) for p in picture.dots),
        captions=tuple(c._replace(x=c.x * scale, y=c.y * scale) for c in checking_clock(picture.captions)),
    )


def tex(text: str) -> str:
    """A text as LaTeX shows it."""
    return "".join(_tex(c) for c in text if not invisible(c))


def _tex(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    spoken = unicodedata.name(c, "").replace("LAMDA", "LAMBDA").split()
    if len(spoken) == 4 and spoken[:3] == ["GREEK", "SMALL", "LETTER"] and spoken[3].lower() in GREEK:
        return f"$\\{spoken[3].lower()}$"
    if len(spoken) == 4 and spoken[:3] == ["GREEK", "CAPITAL", "LETTER"] and spoken[3].capitalize() in GREEK:
        return f"$\\{spoken[3].capitalize()}$"
    return c


def _path(line: Stroke) -> str:
    if len(line.points) < 4:
        return " -- ".join(_p(*point) for point in line.points)
    a, b, first, second, c, d = stations(line.points)
    return f"{_p(*a)} -- {_p(*b)} .. controls {_p(*first)} and {_p(*second)} .. {_p(*c)} -- {_p(*d)}"


def _p(x: float, y: float) -> str:
    return f"({_n(x)},{_n(-y)})"


def _n(x: float) -> str:
    return f"{round(x, 1) + 0.0:.1f}".removesuffix(".0")
