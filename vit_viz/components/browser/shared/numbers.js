// How numbers are written.

const MINUS = "−";

/** A number's text with a true minus sign. */
export const trueMinus = (text) => text.replace(/^-/, MINUS);

/** So many decimals, with a true minus sign. */
export const fixed = (value, digits) => trueMinus(value.toFixed(digits));

/** A weight 0 … 1: six decimals, or four significant digits where six decimals would hide it. */
export function formatWeight(weight) {
  if (weight === 0) return "0";
  return weight >= 0.001 ? weight.toFixed(6) : power(weight.toExponential(3));
}

/** Six significant digits, with a true minus sign. */
export function formatNumber(value) {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e6 || size < 1e-4)) return trueMinus(power(value.toExponential(5)));
  return trueMinus(value.toPrecision(6));
}

/** So many significant digits. */
export function formatDigits(value, digits) {
  return Math.abs(value) >= 1e-4 || value === 0 ? value.toPrecision(digits) : power(value.toExponential(digits - 1));
}

/** Two decimals, with a true minus sign. */
export const formatShort = (value) => fixed(value, 2);

export function formatPercent(share) {
  return `${(share * 100).toFixed(1)}%`;
}

/** A number as an index: 12 → ₁₂. */
export const subscript = (number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");

/** "=" where what comes out of printed numbers is the printed result, digit for digit; "≈" where rounding shows. */
export function equalSign(value, result) {
  const decimals = (result.split(".")[1] ?? "").length;
  return Number(value.toFixed(decimals)) === printed(result) ? "=" : "≈";
}

/** The same for the sum of printed terms. */
export const sumSign = (terms, sum) => equalSign(terms.reduce((all, term) => all + printed(term), 0), sum);

/** "−ln 0.7381 ≈ 0.303717", of a probability and its printed loss. */
export function minusLog(prob, loss) {
  const p = prob.toPrecision(4);
  return `−ln ${p} ${equalSign(-Math.log(Number(p)), loss)} ${loss}`;
}

/** The number that a reader reads; NaN with a power of ten. */
export const printed = (text) => Number(text.replace(MINUS, "-").replace(/[+() ]/g, ""));

function power(text) {
  const [digits, exponent] = text.split("e");
  const raised = [...String(Number(exponent))].map((sign) => RAISED[sign]).join("");
  return `${digits}·10${raised}`;
}

const RAISED = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};
