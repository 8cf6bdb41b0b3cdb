"""Rows: Faddeeva's function and Voigt's profile.

Ops of their own give the derivatives, with the order as their first argument: of an analytic function the partials in
its two arguments are parts of its next derivative, and a width sigma works as diffusion does.
"""

from __future__ import annotations

from ..floats import faddeeva
from ..row import Notation, Op

ORDER, NOT_NEGATIVE = f"[0, {faddeeva.FADDEEVA_ORDERS:g}]", "[0, inf)"
WHOLE = "n == floor(n)"
ZEROS = "Beside zeros the terms cancel, of a part with orders above 2 also where it is small beside the other"
# The sizes of the terms that cancel below the real line, and the moduli of the functions that the ops are parts of.
BELOW = "where(b < 0, 2*exp((b - a)*(b + a)) + abs({}(a, -b)), y)"
MODULUS = "hypot(dwofz_real(n, a, b), dwofz_imag(n, a, b), dwofz_real(n, a, abs(b)), dwofz_imag(n, a, abs(b)))"
MODULUS_OF_VOIGT = "hypot(dvoigt(n, x, sigma, gamma), dvoigt_imag(n, x, sigma, gamma))"

# fmt: off
ROWS: tuple[Op, ...] = (
    Op("wofz_real", "a b", faddeeva.wofz_real, ("dwofz_real(1, a, b)", "-dwofz_imag(1, a, b)"), ("faddeeva_real",),
       notation=Notation(latex=r"\operatorname{Re} w\left(#1 + i #2\right)"), ulps=6,
       relative_to=BELOW.format("wofz_real"),
       doc="Real part of Faddeeva's function w(a + i*b) = exp(-z^2)*erfc(-i*z), z = a + i*b.",
       source="DLMF 7.10.2. Beside its zeros, which have b < 0, the terms cancel"),
    Op("wofz_imag", "a b", faddeeva.wofz_imag, ("dwofz_imag(1, a, b)", "dwofz_real(1, a, b)"), ("faddeeva_imag",),
       notation=Notation(latex=r"\operatorname{Im} w\left(#1 + i #2\right)"), ulps=6,
       relative_to=BELOW.format("wofz_imag"),
       doc="Imaginary part of Faddeeva's function w(a + i*b) = exp(-z^2)*erfc(-i*z), z = a + i*b.",
       source="DLMF 7.10.2. Beside its zeros with b < 0 the terms cancel"),
    Op("dwofz_real", "n a b", faddeeva.dwofz_real, (None, "dwofz_real(n + 1, a, b)", "-dwofz_imag(n + 1, a, b)"),
       domain=(ORDER, "", ""), provided=WHOLE,
       notation=Notation(latex=r"\operatorname{Re} w^{(#1)}\left(#2 + i #3\right)"), ulps=24,
       relative_to=MODULUS, of_rules=True,
       doc=f"Real part of the n-th derivative of Faddeeva's function, for n = 0, 1, …, {faddeeva.FADDEEVA_ORDERS:g}.",
       source=f"by definition. {ZEROS}"),
    Op("dwofz_imag", "n a b", faddeeva.dwofz_imag, (None, "dwofz_imag(n + 1, a, b)", "dwofz_real(n + 1, a, b)"),
       domain=(ORDER, "", ""), provided=WHOLE,
       notation=Notation(latex=r"\operatorname{Im} w^{(#1)}\left(#2 + i #3\right)"), ulps=24,
       relative_to=MODULUS, of_rules=True,
       doc="Imaginary part of the n-th derivative of Faddeeva's function, "
           f"for n = 0, 1, …, {faddeeva.FADDEEVA_ORDERS:g}.",
       source=f"by definition. {ZEROS}"),
    Op("voigt_profile", "x sigma gamma", faddeeva.voigt_profile,
       ("dvoigt(1, x, sigma, gamma)", "sigma*dvoigt(2, x, sigma, gamma)", "-dvoigt_imag(1, x, sigma, gamma)"),
       ("voigt",), domain=("", NOT_NEGATIVE, NOT_NEGATIVE), provided="sigma + gamma > 0",
       notation=Notation(latex=r"V\left(#1; #2, #3\right)"), ulps=8,
       doc="Voigt's profile: a normal density of standard deviation sigma convolved with a Cauchy density of half "
           "width gamma.",
       source="DLMF 7.19.1, as a density; the heat equation in sigma^2/2. Terms of partials cancel beside their zeros"),
    Op("dvoigt", "n x sigma gamma", faddeeva.dvoigt,
       (None, "dvoigt(n + 1, x, sigma, gamma)", "sigma*dvoigt(n + 2, x, sigma, gamma)",
        "-dvoigt_imag(n + 1, x, sigma, gamma)"),
       domain=(ORDER, "", NOT_NEGATIVE, NOT_NEGATIVE), provided=f"{WHOLE} and sigma + gamma > 0",
       notation=Notation(latex=r"\partial_{#2}^{#1} V\left(#2; #3, #4\right)"), ulps=24,
       relative_to=MODULUS_OF_VOIGT, of_rules=True,
       doc=f"The n-th derivative of Voigt's profile in x, for n = 0, 1, …, {faddeeva.FADDEEVA_ORDERS:g}.",
       source=f"by definition. {ZEROS}"),
    Op("dvoigt_imag", "n x sigma gamma", faddeeva.dvoigt_imag,
       (None, "dvoigt_imag(n + 1, x, sigma, gamma)", "sigma*dvoigt_imag(n + 2, x, sigma, gamma)",
        "dvoigt(n + 1, x, sigma, gamma)"),
       domain=(ORDER, "", NOT_NEGATIVE, NOT_NEGATIVE), provided=f"{WHOLE} and sigma + gamma > 0",
       notation=Notation(latex=r"\partial_{#2}^{#1} \widetilde{V}\left(#2; #3, #4\right)"), ulps=24,
       relative_to=MODULUS_OF_VOIGT, of_rules=True,
       doc="The n-th derivative in x of the conjugate of Voigt's profile, the imaginary part that goes with it, "
           f"for n = 0, 1, …, {faddeeva.FADDEEVA_ORDERS:g}.",
       source=f"by definition. {ZEROS}"),
)
