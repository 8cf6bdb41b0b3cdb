"""Values of Dawson's integral, of the imaginary error function and of Fresnel's integrals.

As in `elementary`, no function raises. The polynomials are of the same make as those of `special`.
"""

from __future__ import annotations

import math

from . import doubled
from .elementary import product
from .special import TWO_OVER_SQRT_PI, _polynomial
from .trigonometric import sin_cos_pi

inf = math.inf
nan = math.nan

# The highest order of a derivative of Dawson's integral that keeps its digits.
DAWSON_ORDERS = 8.0
# From here on the derivatives are an asymptotic series, below it sums in doubled precision.
DAWSON_FAR = 8.5
EVEN = 2.0**54  # from here on the square of a float is a multiple of 4

# D(x)/x in x^2 on [0, 1]; D on [1, 2], [2, 3], [3, 4.5], [4.5, 7]; 2x D(x) in 1/x^2 beyond 7
DAWSON_0 = (
    -1.0553701656300416e-13, 1.6381972688822234e-12, -2.3688313194083116e-11, 3.2021314383562213e-10,
    -4.008829618388206e-09, 4.618466116963557e-08, -4.859827040968879e-07, 4.628903737836998e-06,
    -3.947321147265959e-05, 0.0002972700768296736, -0.0019427342976533792, 0.010764595555431265,
    -0.04896614203302288, 0.174335377021229, -0.44955691801415265, 0.7247784590070764,
)  # fmt: skip
DAWSON_1 = (
    -2.1191081908222806e-08, -2.6917335682949733e-09, 2.5372571375209394e-07, -3.105355217820471e-07,
    -1.959568472032809e-06, 5.711099437161189e-06, 8.094318287246991e-06, -5.782338411533386e-05,
    2.6026804565639746e-05, 0.000365722224676548, -0.0007177574592105632, -0.001117697014830846,
    0.005624211539603213, -0.0028478322456084748, -0.02103720355940719, 0.04294713432198937,
    0.009209510974930352, -0.14265566942837407, 0.1909597267052354, -0.0011282512011048112, -0.2847472132561959,
    0.4282490710853986,
)  # fmt: skip
DAWSON_2 = (
    -3.0610192771211856e-09, 2.0460427622424813e-09, 3.102339269464473e-08, -9.100438187747772e-08,
    -6.945963912301473e-08, 9.88936367380563e-07, -1.881221646379798e-06, -3.2073165026340305e-06,
    2.212731395845811e-05, -3.2867273858225447e-05, -6.165933856831402e-05, 0.00035135201305823996,
    -0.0005392536719244827, -0.000408625887164763, 0.0034482062416419344, -0.006986012055373449,
    0.005396308292684835, 0.007467265434406557, -0.03215893431772845, 0.06546280492550803, -0.1154186108371774,
    0.2230837221674355,
)  # fmt: skip
DAWSON_3 = (
    1.9352743983427175e-11, -3.891626923646398e-11, -1.2736664878589753e-10, 7.866571625613975e-10,
    -1.594377814827846e-09, -1.3673421600151027e-09, 1.9413709014450638e-08, -6.127029020949492e-08,
    7.448451109249339e-08, 1.8025090763540576e-07, -1.1973421191975285e-06, 3.318390453902952e-06,
    -5.259909500087832e-06, 1.473515245724032e-06, 2.0773865066395713e-05, -8.453281284485197e-05,
    0.0002339025879237729, -0.0005812698597413417, 0.001478054210257767, -0.004089528639113805,
    0.012379623976161254, -0.040289296951933985, 0.1387052395935912,
)  # fmt: skip
DAWSON_4 = (
    2.410025615622487e-17, 3.245967974470523e-16, -2.5239024592527387e-15, 6.629718047808143e-15,
    -8.204848659334038e-15, -6.202416190935904e-15, 1.1094273675008012e-13, -6.153827015082901e-13,
    2.552984518649619e-12, -9.397322454207188e-12, 3.359450547580501e-11, -1.2273665255229832e-10,
    4.705876047153742e-10, -1.908060585455049e-09, 8.14781543247558e-09, -3.6355617689987816e-08,
    1.6830572712475677e-07, -8.041576482338471e-07, 3.95068356829274e-06, -1.9901878749336902e-05,
    0.00010258375210387499, -0.0005401018777239023, 0.002900418292704685, -0.015867252366466085,
    0.08833628281447531,
)  # fmt: skip
DAWSON_TAIL = (
    11662043469.331894, 628203713.6730609, 34198067.28640439, 2453194.2737203273, 201096.3976286835,
    18889.127534552135, 2069.285370621103, 268.8280629487019, 42.36919488165357, 8.369264599066748,
    2.177514542126537, 0.8118407263996419, 0.5159214238771049, 1.0051822000443618,
)  # fmt: skip
# S(x)/x^3 and C(x)/x in x^4 on [0, 2]
FRESNEL_S_0 = (
    9.690993075317183e-23, -2.5491825835740678e-20, 5.693167127968102e-18, -1.0639692645918204e-15,
    1.6350485061421498e-13, -2.0227273438043326e-11, 1.9619525625876907e-09, -1.4426566511320215e-07,
    7.692795734366401e-06, -0.00027986314651382704, 0.006357565474920316, -0.07869436054276607,
    0.43825914739035476,
)  # fmt: skip
FRESNEL_C_0 = (
    1.6000926033878023e-21, -3.8837032833539534e-19, 7.946819396607337e-17, -1.3492792337034342e-14,
    1.864609715043998e-12, -2.0481540868284585e-10, 1.7356431918685865e-08, -1.0915514023230164e-06,
    4.8348729544795484e-05, -0.0014002183007013065, 0.023683573384197527, -0.19497335009420572,
    0.7798934003768229,
)  # fmt: skip
# pi x f(x) and pi^2 x^3 g(x), the auxiliary functions of DLMF §7.2(iv), in 1/x^4, for x^4 on [2, 8], [8, 32], [32, 256]
# and beyond 256
FRESNEL_F_A = (
    -641865830.6873882, 233407701.848172, 72755843.64726485, -26209673.110986374, -7883462.64753728,
    2877721.3999375007, 67423.28260279476, -19452.020210112278, -42458.49292645769, 16286.272732959344,
    -4924.707496285467, 1963.0130354273442, -819.4128646802309, 333.25299701440554, -137.08932228819523,
    57.515655898736185, -24.59362779434309, 10.747938455573147, -4.821000647626998, 2.2314909511089116,
    -1.0736894926702538, 0.5426355204183865, -0.2925762493574088, 0.1725352589376288, -0.11626671333314072,
    0.09789802416619027, -0.13033722549456023, 0.94209367409357,
)  # fmt: skip
FRESNEL_G_A = (
    -87466576200.16605, 31191069259.392742, 11906787924.559978, -4221854557.6260915, -1235663089.8200867,
    440929262.5307033, 35164089.73838437, -12136716.020413568, -4820851.613054615, 1772801.8465880253,
    -363346.1182712046, 139903.1452339838, -61072.27225020515, 23666.933765315185, -9147.383027756876,
    3622.597064694078, -1453.4947647504948, 590.6389083179888, -243.8103586276345, 102.5026988024952,
    -44.02874071049294, 19.40294539850137, -8.822082452169933, 4.17110494732845, -2.0743348399209505,
    1.1044978434574388, -0.6487909786366901, 0.4450820424964347, -0.4069410670573271, 0.7791721422253698,
)  # fmt: skip
FRESNEL_F_B = (
    -1.9778815433318776e+18, 2.0151840815506557e+17, 5372521345160735.0, -510593095907444.7,
    -102119722229064.97, 10799960850604.547, -658770851578.7842, 75004515019.77116, -9726906871.397161,
    1129682989.9742508, -132597293.86576417, 16152671.849875053, -2024956.8031361226, 262077.25146112044,
    -35255.88372028555, 4969.083916535811, -741.6856365882705, 119.03234216039297, -21.009521256427128,
    4.226686990745736, -1.0311055349886482, 0.34473716682741395, -0.21389796587490986, 0.9804177822027875,
)  # fmt: skip
FRESNEL_G_B = (
    -4.902057684325548e+21, 4.840583736727361e+20, 2.1907250928895017e+19, -2.0999581985098803e+18,
    -2.4043796219823632e+17, 2.4226770218242612e+16, -836358433647243.5, 92262738786901.12, -14145944037260.707,
    1541878963171.492, -164459166118.8709, 18597181605.250633, -2149815575.813275, 252960957.7836526,
    -30499813.035442486, 3784300.165114629, -485501.8767315641, 64822.61984344584, -9086.165798212334,
    1353.3712200995456, -218.01430617541186, 39.026301879791845, -8.1210132163152, 2.1359730623948625,
    -0.854029100107418, 0.9135746678668782,
)  # fmt: skip
FRESNEL_F_C = (
    3.39376130264346e+24, -9.531405019851327e+22, -6.054391689658423e+20, 1.408633275193124e+19,
    1.0939038134457453e+18, -3.364702982692453e+16, 739498262504056.0, -25998336958692.477, 995908937882.1173,
    -37445647083.67355, 1480058480.0461447, -62507395.35357858, 2844390.6209681462, -141797.2943115773,
    7929.281224354897, -514.7181664289045, 40.889785244700924, -4.339896006327135, 0.7240371889144647,
    -0.2732211855503702, 0.9949448722592193,
)  # fmt: skip
FRESNEL_G_C = (
    -7.236077502226164e+30, 1.8967445577434405e+29, 3.0816779198707944e+27, -7.732957779270153e+25,
    -2.0318715244301613e+24, 5.5012355125109615e+22, -3.95814487490433e+20, 1.3394024765936198e+19,
    -6.573797555060024e+17, 2.1055627834872852e+16, -673222966734554.5, 23315052020751.45, -842850536364.0563,
    31849266367.05838, -1272198699.5281208, 54303535.66340422, -2512149.3975715227, 128441.3299858439,
    -7463.916009168746, 514.1707417027418, -44.91839598205054, 5.600887886406249, -1.2642881980607543,
    0.975734007650209,
)  # fmt: skip
FRESNEL_F_D = (
    2.8982536362901292e+16, -274938835678563.25, 2545887257396.571, -31389686995.06302, 448701633.3065283,
    -7576809.85429494, 157798.3372497456, -4262.411046946095, 160.3865804532944, -9.368581551745383,
    1.019005754050141, -0.2998707244530671, 0.9994103555266984,
)  # fmt: skip
FRESNEL_G_D = (
    1.8753193976940206e+22, -1.4118585879262159e+20, 8.798071383914644e+17, -8170862752506562.0,
    85123468285497.53, -968331332324.6097, 12584658632.300314, -191673229.96572122, 3530627.6987092276,
    -82113.84328953389, 2560.071416055992, -116.77947953106381, 8.95147565633791, -1.4834316573583022,
    0.9970676154919089,
)  # fmt: skip


def dawson(a: float) -> float:
    """exp(-a^2) times the integral of exp(t^2) from 0 to a."""
    x = abs(a)
    if x < 1.0:
        return a * _polynomial(DAWSON_0, a * a - 0.5)
    if x < 2.0:
        return math.copysign(_polynomial(DAWSON_1, x - 1.5), a)
    if x < 3.0:
        return math.copysign(_polynomial(DAWSON_2, x - 2.5), a)
    if x < 4.5:
        return math.copysign(_polynomial(DAWSON_3, x - 3.75), a)
    if x < 7.0:
        return math.copysign(_polynomial(DAWSON_4, x - 5.75), a)
    return 0.5 / a * _polynomial(DAWSON_TAIL, 1.0 / a / a - 0.01020408163265306)


def ddawson(n: float, a: float) -> float:
    """The n-th derivative of Dawson's integral D, for n = 0, 1, …, 8.

    D' = 1 - 2a D and D⁽ᵏ⁺¹⁾ = -2a D⁽ᵏ⁾ - 2k D⁽ᵏ⁻¹⁾ in doubled precision, as their terms cancel, from the series
    D = exp(-a^2) times the sum of a^(2k + 1)/(k! (2k + 1)), with terms of one sign; far out the derivatives of its
    asymptotic series (DLMF 7.12.1, in the complex plane). Below 2 the terms of the series have both signs.
    """
    if not (0.0 <= n <= DAWSON_ORDERS and n % 1.0 == 0.0) or a != a:
        return nan
    if n == 0.0:
        return dawson(a)
    odd = n % 2.0
    x = abs(a)
    sign = -1.0 if odd == 0.0 and a < 0.0 else 1.0
    k = 1.0
    if x > DAWSON_FAR:
        lead = (-0.5 if odd == 1.0 else 0.5) / x
        while k <= n:
            lead = lead * (k / x)
            k += 1.0
        t = 0.5 / x / x
        term = 1.0
        rest = 0.0
        k = 1.0
        while k < 40.0:
            term = term * ((2.0 * k + n) * (2.0 * k - 1.0 + n) / (2.0 * k)) * t
            rest += term
            k += 1.0
        return sign * (lead + lead * rest)
    if x < 1e-100:
        # Only the leading term counts, and the splitting of products would underflow.
        y = 1.0
        while k < (n if odd == 1.0 else n + 1.0):
            y = y * (-2.0 * (k + 1.0))
            k += 2.0
        return y if odd == 1.0 else y * a
    squared = product(x, x)
    term_pair = (1.0, 0.0)
    series = (1.0, 0.0)
    if x < 2.0:
        # the sum of (-2a^2)^k a/(2k + 1)!!, as the exponential has an error of a few hundred units
        while abs(term_pair[0]) > 1e-34 * series[0]:
            term_pair = doubled.divided(doubled.multiplied(term_pair, squared), (-(k + 0.5), 0.0))
            series = doubled.plus(series, term_pair)
            k += 1.0
    else:
        while term_pair[0] > 1e-34 * series[0]:
            term_pair = doubled.divided(doubled.multiplied(term_pair, squared), (k, 0.0))
            series = doubled.plus(series, doubled.divided(term_pair, (2.0 * k + 1.0, 0.0)))
            k += 1.0
        series = doubled.multiplied(series, doubled.exp((-squared[0], -squared[1])))
    before = doubled.times(series, x)
    y_pair = doubled.minus((1.0, 0.0), doubled.times(before, 2.0 * x))
    k = 1.0
    while k < n:
        after = doubled.plus(doubled.times(y_pair, -2.0 * x), doubled.times(before, -2.0 * k))
        before = y_pair
        y_pair = after
        k += 1.0
    return sign * y_pair[0]


def exp_square(a: float) -> float:
    """exp(a^2), with a^2 in doubled precision."""
    if not abs(a) < 26.8:
        return a if a != a else inf
    high, low = product(a, a) if abs(a) > 1e-100 else (0.0, 0.0)
    y = math.exp(high) if high < 709.0 else math.exp(0.5 * high)
    y += y * low if high < 709.0 else 0.5 * y * low
    return y if high < 709.0 else y * y


def erfi(a: float) -> float:
    """2/sqrt(pi) times the integral of exp(t^2) from 0 to a; erf(i a)/i."""
    if not abs(a) < 26.8:
        return a if a != a else math.copysign(inf, a)
    high, low = product(a, a) if abs(a) > 1e-100 else (0.0, 0.0)
    half = math.exp(0.5 * high)  # exp(a^2) overflows before erfi(a) does
    y = half * (TWO_OVER_SQRT_PI * dawson(a)) if high > 700.0 else TWO_OVER_SQRT_PI * dawson(a)
    y += y * low
    return half * y if high > 700.0 else math.exp(high) * y


def _turn(a: float) -> tuple[float, float]:
    """The sine and the cosine of pi/2 a^2, for finite a."""
    if abs(a) < 1e-100:
        return 0.5 * math.pi * a * a, 1.0
    if abs(a) >= EVEN:
        return 0.0, 1.0
    high, low = product(a, a)
    high = math.fmod(high, 4.0)
    low = math.fmod(low, 4.0)
    s, c = sin_cos_pi(0.5 * high)
    t, d = sin_cos_pi(0.5 * low)
    return s * d + c * t, c * d - s * t


def dfresnels(a: float) -> float:
    """sin(pi/2 a^2); its limit does not exist at infinity."""
    return _turn(a)[0] if abs(a) < inf else nan


def dfresnelc(a: float) -> float:
    """cos(pi/2 a^2); its limit does not exist at infinity."""
    return _turn(a)[1] if abs(a) < inf else nan


def _fresnel_auxiliary(x: float) -> tuple[float, float]:
    """f(x) and g(x) of DLMF §7.2(iv) times pi*x, for x^4 >= 2."""
    t = 1.0 / x / x
    u = t * t
    if u > 0.125:
        f = _polynomial(FRESNEL_F_A, u - 0.3125)
        g = _polynomial(FRESNEL_G_A, u - 0.3125)
    elif u > 0.03125:
        f = _polynomial(FRESNEL_F_B, u - 0.078125)
        g = _polynomial(FRESNEL_G_B, u - 0.078125)
    elif u > 0.00390625:
        f = _polynomial(FRESNEL_F_C, u - 0.017578125)
        g = _polynomial(FRESNEL_G_C, u - 0.017578125)
    else:
        f = _polynomial(FRESNEL_F_D, u - 0.001953125)
        g = _polynomial(FRESNEL_G_D, u - 0.001953125)
    return f, g * t / math.pi


def fresnels(a: float) -> float:
    """S(a), the integral of sin(pi/2 t^2) from 0 to a (DLMF 7.5.4)."""
    x = abs(a)
    if x < 1.189:
        return a * a * a * _polynomial(FRESNEL_S_0, a * a * (a * a) - 1.0)
    if not x < EVEN:
        return math.copysign(0.5, a) if x >= EVEN else a
    f, g = _fresnel_auxiliary(x)
    s, c = _turn(x)
    return math.copysign(0.5 - (f * c + g * s) / (math.pi * x), a)


def fresnelc(a: float) -> float:
    """C(a), the integral of cos(pi/2 t^2) from 0 to a (DLMF 7.5.3)."""
    x = abs(a)
    if x < 1.189:
        return a * _polynomial(FRESNEL_C_0, a * a * (a * a) - 1.0)
    if not x < EVEN:
        return math.copysign(0.5, a) if x >= EVEN else a
    f, g = _fresnel_auxiliary(x)
    s, c = _turn(x)
    return math.copysign(0.5 + (f * s - g * c) / (math.pi * x), a)
