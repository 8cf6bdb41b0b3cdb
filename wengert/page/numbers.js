// Numbers and arrays, as Python prints them in tables: six significant digits, whole numbers in full.

const SPECIAL = { inf: Infinity, "-inf": -Infinity, nan: NaN };

function number(x) {
  return typeof x === "string" ? SPECIAL[x] : x;
}

function value(x) {
  if (x === null || typeof x !== "object") return x === null ? undefined : number(x);
  return { shape: x.shape, of: x.of.map(number) };
}

const isArray = (x) => x !== undefined && typeof x === "object";

// Six digits, rounded half to even where the number lies exactly between two, as Python rounds.
function rounded(x, digits = 6) {
  if (!Number.isFinite(x)) return x;
  if (Math.abs(x) < 1e15 && Number.isInteger(x)) return x + 0;
  const exact = Math.abs(x).toExponential(100);
  const tail = exact.slice(digits + 1, exact.indexOf("e"));
  if (/^50*$/.test(tail)) {
    const last = Number(exact[digits === 1 ? 0 : digits]);
    const power = Number(exact.slice(exact.indexOf("e") + 1)) - digits + 1;
    let kept = BigInt(exact.slice(0, digits + 1).replace(".", ""));
    if (last % 2 === 1) kept += 1n;
    return Math.sign(x) * Number(`${kept}e${power}`);
  }
  return Number(x.toPrecision(digits)) + 0;
}

// The spelling of Python: an exponent below 1e-4 and from 1e16 on, with two digits at least.
function spelled(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e-4 && size < 1e16) {
    const text = String(x);
    return text.includes("e") ? x.toFixed(0) : text;
  }
  const [mantissa, power] = x.toExponential().split("e");
  const sign = power[0];
  const digits = power.slice(1).padStart(2, "0");
  return `${mantissa}e${sign}${digits}`;
}

function shapeText(shape) {
  return shape.length === 1 ? `${shape[0]} vector` : shape.join("×");
}

function shown(x) {
  if (x === undefined) return "";
  if (isArray(x)) return shapeText(x.shape);
  return spelled(rounded(x));
}

// A short array in full, a long one by its shape.
function told(x, most = 8) {
  if (!isArray(x)) return shown(x);
  const count = x.shape.reduce((a, b) => a * b, 1);
  if (count > most || x.of.length < count || x.shape.length > 2) return `array ${shapeText(x.shape)}`;
  const cells = x.of.map((v) => spelled(rounded(v)));
  if (x.shape.length < 2) return `[${cells.join(", ")}]`;
  const rows = [];
  for (let k = 0; k < cells.length; k += x.shape[1]) rows.push(`[${cells.slice(k, k + x.shape[1]).join(", ")}]`);
  return `[${rows.join(", ")}]`;
}

const finite = (x) => x === undefined || (isArray(x) ? x.of.every(Number.isFinite) : Number.isFinite(x));

const minus = (text) => text.replace(/(^|[^e\d])-(?=[\d.i])/g, "$1−");

// A number in a product or a sum: a negative one gets brackets.
const bracketed = (text) => (text.startsWith("-") ? `(${text})` : text);
